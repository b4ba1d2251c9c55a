#include "ui/report/html.h"

#include "ui/report/svg.h"

namespace linger::report {
namespace {

constexpr const char* style = R"(
:root{--ground:#fff;--box:#f5f7f9;--rule:#cbd2da;--dim:#505b68;--ink:#161d26;--bad:#a63f00;--good:#006b4e}
@media (prefers-color-scheme: dark){:root{--ground:#12171d;--box:#1a2129;--rule:#3a4552;--dim:#a9b4c1;--ink:#eef2f6;--bad:#ff9a5c;--good:#4fd3ac}}
@media print{:root{--ground:#fff;--box:#fff;--rule:#888;--dim:#333;--ink:#000;--bad:#a63f00;--good:#006b4e} details.trace{display:none} .wide{overflow:visible!important} .wide svg{width:100%;height:auto} pre{white-space:pre-wrap} body{max-width:none;padding:0} section,tr{break-inside:avoid}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1400px;padding:1rem;background:var(--ground);color:var(--ink);font:15px/1.45 Inter,Helvetica,Arial,sans-serif}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.05rem;margin:1.6rem 0 .5rem}
p{max-width:75ch}.dim{color:var(--dim)}.bad{color:var(--bad);font-weight:600}.good{color:var(--good);font-weight:600}
.wide{overflow-x:auto;border:1px solid var(--rule)}.wide svg{display:block}
pre{margin:.5rem 0;padding:.7rem;background:var(--box);overflow-x:auto;font:12.5px/1.5 'JetBrains Mono',Menlo,Consolas,monospace}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
th{color:var(--dim);font-weight:400}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{padding-left:.4rem}
@media (max-width:520px){table{font-size:12px}td,th{padding-right:.3rem}}
td svg{vertical-align:-2px;margin-right:.4rem}summary{cursor:pointer}
)";

}  // namespace

std::string begin_page(std::string_view title) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\">\n<title>" +
         escaped(title) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n";
}

std::string end_page() { return "</body>\n</html>\n"; }

}  // namespace linger::report
