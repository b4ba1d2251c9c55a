// Record batches built and read by our classes; its like on the Java side is BatchJudge. A file of batches holds each
// one's size as four bytes, the highest first, and then its bytes; a batch without records has none.
//
//   batch_twin build FILE < script   builds each scripted batch into the file; a line for each says what a reader must
//                                    find and what the builder estimated
//   batch_twin read FILE             a line for each batch of the file: what is in it
//   batch_twin layout FILE < script  a line for each batch: header, division into blocks, and a fingerprint of the
//   bytes batch_twin libraries             the versions of the codecs' libraries

#include <lz4.h>
#include <snappy-stubs-public.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/differential/batch_listing.h"

namespace {

using namespace linger;
using namespace linger::differential;

void say(std::size_t number, const Json& facts) {
  Json line{{"n", number}};
  line.update(facts);
  std::cout << line.dump() << '\n';
}

void build_all(std::istream& script, std::ostream& file) {
  std::string line;
  for (std::size_t number = 1; std::getline(script, line); ++number) {
    const ScriptedBatch batch{Json::parse(line)};
    const BuiltBatch built = build(batch);
    std::array<std::byte, 4> size{};
    wire::store(size.data(), static_cast<std::uint32_t>(built.bytes.size()));
    file.write(reinterpret_cast<const char*>(size.data()), static_cast<std::streamsize>(size.size()));
    file.write(reinterpret_cast<const char*>(built.bytes.data()), static_cast<std::streamsize>(built.bytes.size()));
    Json facts = expected_listing(batch, built);
    facts["estimates"] = built.estimates;
    say(number, facts);
  }
}

template <class Describe>
void describe_all(std::istream& file, Describe describe) {
  const std::string all{std::istreambuf_iterator<char>{file}, {}};
  Reader reader{BytesView{reinterpret_cast<const std::byte*>(all.data()), all.size()}};
  for (std::size_t number = 1; reader.remaining() != 0; ++number) {
    const auto size = reader.read<std::uint32_t>();
    const BytesView batch = reader.take(size);
    if (!reader.ok()) throw Unsupported{"the file of batches ends within batch " + std::to_string(number)};
    say(number, describe(batch));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::string command = argc > 1 ? argv[1] : "";
  try {
    if (command == "libraries" && argc == 2) {
      std::cout << "zlib " << zlibVersion() << ", snappy " << SNAPPY_MAJOR << '.' << SNAPPY_MINOR << '.'
                << SNAPPY_PATCHLEVEL << ", lz4 " << LZ4_versionString() << ", zstd " << ZSTD_versionString() << '\n';
    } else if (command == "build" && argc == 3) {
      std::ofstream file{argv[2], std::ios::binary};
      build_all(std::cin, file);
      if (!file.flush()) throw Unsupported{std::string{argv[2]} + " cannot be written"};
    } else if ((command == "read" || command == "layout") && argc == 3) {
      std::ifstream file{argv[2], std::ios::binary};
      if (!file) throw Unsupported{std::string{argv[2]} + " cannot be read"};
      if (command == "read") {
        describe_all(file, listing);
      } else {
        describe_all(file, [](BytesView batch) {
          std::string line;
          if (!std::getline(std::cin, line)) throw Unsupported{"the script has fewer lines than the file has batches"};
          return layout(batch, Json::parse(line));
        });
      }
    } else {
      throw Unsupported{"usage: batch_twin build|read|layout FILE, or batch_twin libraries"};
    }
  } catch (const Unsupported& unsupported) {
    std::cerr << "batch_twin: " << unsupported.sentence << '\n';
    return 2;
  } catch (const Json::exception& error) {
    std::cerr << "batch_twin: this is no scripted batch: " << error.what() << '\n';
    return 2;
  }
  return 0;
}
