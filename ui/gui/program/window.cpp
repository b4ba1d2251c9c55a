#include "ui/gui/program/window.h"

#define GLFW_INCLUDE_NONE
#include <GL/gl.h>
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>

namespace linger::gui {
namespace {

std::string last_error;

/// From physical to logical pixels: what GLFW says of the pointer must fit the scale of the contents.
void scale_pointer(double scale) {
  ImGuiIO& io = ImGui::GetIO();
  if (io.MousePos.x < -1e30F) return;
  io.MousePos.x = static_cast<float>(static_cast<double>(io.MousePos.x) / scale);
  io.MousePos.y = static_cast<float>(static_cast<double>(io.MousePos.y) / scale);
}

void run_frames(GLFWwindow* window, App& app, int frames) {
  for (int count = 0; glfwWindowShouldClose(window) == 0 && (frames == 0 || count < frames); ++count) {
    glfwPollEvents();
    int width = 0;
    int height = 0;
    glfwGetFramebufferSize(window, &width, &height);
    if (width == 0 || height == 0) {
      glfwWaitEventsTimeout(0.1);
      continue;
    }
    ImGui_ImplGlfw_NewFrame();
    if (app.prepare(width, height)) {
      ImGui_ImplOpenGL3_DestroyFontsTexture();
      ImGui_ImplOpenGL3_CreateFontsTexture();
    }
    ImGui_ImplOpenGL3_NewFrame();
    scale_pointer(app.state().scale);
    ImGui::NewFrame();
    app.frame();
    ImGui::Render();
    glViewport(0, 0, width, height);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(window);
  }
}

/// A maximized window keeps the size that it goes back to.
void read_layout(GLFWwindow* window, Preferences& layout) {
  layout.maximized = glfwGetWindowAttrib(window, GLFW_MAXIMIZED) == GLFW_TRUE;
  int width = 0;
  int height = 0;
  glfwGetWindowSize(window, &width, &height);
  // Neither does one that is drawn together to nothing: a file may not say so.
  if (layout.maximized || width < 16 || height < 16) return;
  layout.width = width;
  layout.height = height;
}

}  // namespace

std::string run_window(App& app, Preferences& layout, int frames) {
  glfwSetErrorCallback([](int, const char* words) { last_error = words; });
  if (glfwInit() == GLFW_FALSE) return "no display: " + last_error + "; linger ui FILE --screenshot out.png needs none";
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_MAXIMIZED, layout.maximized ? GLFW_TRUE : GLFW_FALSE);
  GLFWwindow* window = glfwCreateWindow(layout.width, layout.height, "Linger", nullptr, nullptr);
  if (window == nullptr) {
    glfwTerminate();
    return "no OpenGL 3.3 window: " + last_error + "; linger ui FILE --screenshot out.png needs none";
  }
  glfwMakeContextCurrent(window);
  glfwSwapInterval(1);
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  set_up_context();
  std::string why;
  glfwSetWindowUserPointer(window, &app);
  glfwSetDropCallback(window, [](GLFWwindow* on, int count, const char** files) {
    if (count > 0) static_cast<App*>(glfwGetWindowUserPointer(on))->open(files[0]);
  });
  ImGui_ImplGlfw_InitForOpenGL(window, true);
  if (ImGui_ImplOpenGL3_Init("#version 330"))
    run_frames(window, app, frames);
  else
    why = "OpenGL could not be set up";
  if (why.empty()) ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  read_layout(window, layout);
  glfwDestroyWindow(window);
  glfwTerminate();
  return why;
}

}  // namespace linger::gui
