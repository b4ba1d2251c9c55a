#include "ui/gui/program/headless.h"

#define GL_GLEXT_PROTOTYPES
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>
#include <GL/glext.h>
#include <backends/imgui_impl_opengl3.h>

#include <cstdlib>
#include <cstring>

namespace linger::gui {
namespace {

/// An OpenGL context that draws into a texture. Everything ends with it.
class Offscreen {
 public:
  Offscreen(int width, int height) {
    // A picture must not depend on the graphics card of the machine.
    setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
    display_ = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
    if (display_ == EGL_NO_DISPLAY || eglInitialize(display_, nullptr, nullptr) == EGL_FALSE) {
      why_ = "EGL has no surfaceless display here (package libegl-mesa0)";
      return;
    }
    if (eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) {
      why_ = "EGL knows no OpenGL here (package libgl1-mesa-dri)";
      return;
    }
    const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    eglChooseConfig(display_, wanted, &config, 1, &count);
    const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_NONE};
    context_ = eglCreateContext(display_, count > 0 ? config : EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, version);
    if (context_ == EGL_NO_CONTEXT || eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) == EGL_FALSE) {
      why_ = "there is no OpenGL 3.3 here (package libgl1-mesa-dri)";
      return;
    }
    glGenFramebuffers(1, &frame_);
    glGenTextures(1, &texture_);
    glBindTexture(GL_TEXTURE_2D, texture_);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
    glBindFramebuffer(GL_FRAMEBUFFER, frame_);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture_, 0);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
      why_ = "OpenGL gives no picture of " + std::to_string(width) + " by " + std::to_string(height) + " pixels";
  }
  ~Offscreen() {
    if (display_ == EGL_NO_DISPLAY) return;
    eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    if (context_ != EGL_NO_CONTEXT) eglDestroyContext(display_, context_);
    eglTerminate(display_);
  }
  Offscreen(const Offscreen&) = delete;
  Offscreen& operator=(const Offscreen&) = delete;

  const std::string& why_not() const { return why_; }

 private:
  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
  GLuint frame_ = 0, texture_ = 0;
  std::string why_;
};

/// What OpenGL has drawn, its first row on top.
Picture read_back(int width, int height) {
  Picture picture{width, height, {}};
  const auto row = static_cast<std::size_t>(width) * 4;
  std::vector<std::uint8_t> upside_down(row * static_cast<std::size_t>(height));
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, upside_down.data());
  picture.pixels.resize(upside_down.size());
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y)
    std::memcpy(&picture.pixels[y * row], &upside_down[(static_cast<std::size_t>(height) - 1 - y) * row], row);
  return picture;
}

}  // namespace

std::optional<Picture> picture_of(App& app, int width, int height, std::string& why) {
  const Offscreen screen{width, height};
  why = screen.why_not();
  if (!why.empty()) return std::nullopt;
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  set_up_context();
  if (!ImGui_ImplOpenGL3_Init("#version 330")) {
    ImGui::DestroyContext();
    why = "OpenGL could not be set up";
    return std::nullopt;
  }
  Picture picture;
  // The second frame has what the first one laid out.
  for (int i = 0; i < 2; ++i) {
    const bool new_fonts = app.prepare(width, height);
    ImGui_ImplOpenGL3_NewFrame();
    if (new_fonts && i > 0) ImGui_ImplOpenGL3_CreateFontsTexture();
    ImGui::GetIO().DeltaTime = 1.0F / 60;
    ImGui::NewFrame();
    app.frame();
    app.finish_work();
    ImGui::Render();
    glViewport(0, 0, width, height);
    glClearColor(1, 1, 1, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  }
  glFinish();
  picture = read_back(width, height);
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext();
  return picture;
}

}  // namespace linger::gui
