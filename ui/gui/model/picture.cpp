#include "ui/gui/model/picture.h"

#include <algorithm>
#include <cmath>

namespace linger::gui {
namespace {

using Kind = report::Shape::Kind;

report::Shape box_shape(const Box& box) {
  report::Shape shape;
  shape.kind = Kind::box;
  shape.points = {{box.x, box.y}, {box.x + box.width, box.y + box.height}};
  return shape;
}

}  // namespace

double words_width(const std::string& words, double size, Face face) {
  const bool mono = face == Face::mono || face == Face::mono_bold;
  if (!mono) return report::text_width(words, static_cast<int>(std::ceil(size)), face == Face::semibold);
  double signs = 0;
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) != 0x80U) signs += byte >= 0xe3U ? 1.05 : 0.61;
  }
  return signs * size;
}

Box PictureText::box() const {
  const double wide = std::min(room, words_width(words, size, face));
  const double left = align == Align::left ? 0 : align == Align::right ? room - wide : (room - wide) / 2;
  return {at.x + left, at.y - 0.8 * size, wide, 1.05 * size};
}

bool PictureText::fits() const {
  return words_width(words, size, face) <= room + 0.5;
}

void PanelPicture::text(Point at, double room, std::string words, Paint paint, Face face, Align align, double size) {
  if (words.empty()) return;
  texts.push_back({at, room, std::move(words), paint, face, size, align});
}

void PanelPicture::fill(const Box& box, Paint paint, double opacity) {
  report::Shape shape = box_shape(box);
  shape.fill = paint;
  shape.opacity = opacity;
  shapes.push_back(std::move(shape));
}

void PanelPicture::frame(const Box& box, Paint paint, double width) {
  report::Shape shape = box_shape(box);
  shape.stroke = paint;
  shape.width = width;
  shapes.push_back(std::move(shape));
}

void PanelPicture::hatch(const Box& box, Paint paint) {
  report::Shape shape = box_shape(box);
  shape.stroke = paint;
  shape.hatched = true;
  shapes.push_back(std::move(shape));
}

void PanelPicture::line(Point from, Point to, Paint paint, double width, double dash) {
  report::Shape shape;
  shape.points = {from, to};
  shape.stroke = paint;
  shape.width = width;
  shape.dash = dash;
  shapes.push_back(std::move(shape));
}

void PanelPicture::add(const PanelPicture& other, Point at) {
  for (report::Shape shape : other.shapes) {
    // The second point of a disc is its radius.
    const std::size_t moved = shape.kind == Kind::disc ? 1 : shape.points.size();
    for (std::size_t i = 0; i < moved; ++i) shape.points[i] = {shape.points[i].x + at.x, shape.points[i].y + at.y};
    shapes.push_back(std::move(shape));
  }
  for (Box box : other.marked) marked.push_back({box.x + at.x, box.y + at.y, box.width, box.height});
  for (PictureText text : other.texts) {
    text.at = {text.at.x + at.x, text.at.y + at.y};
    texts.push_back(std::move(text));
  }
  for (PictureTouch touch : other.touches) {
    touch.box.x += at.x;
    touch.box.y += at.y;
    touches.push_back(std::move(touch));
  }
}

}  // namespace linger::gui
