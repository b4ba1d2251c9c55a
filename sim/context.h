#pragma once

#include <array>
#include <cstdint>

#include "sim/event_queue.h"
#include "sim/fingerprint.h"
#include "sim/trace.h"

namespace linger::sim {

/// What a change to the world may touch besides the thing it changes. Made anew for each event and passed per call,
/// never stored: `Context context{event.at, event.number, queue, fingerprint, trace};`
struct Context {
  SimTime now;
  EventNumber event;  ///< the one being handled: the cause of all that is scheduled now
  EventQueue& queue;
  Fingerprint& fingerprint;
  Trace& trace;

  EventNumber schedule(SimTime at, const EventBody& what) { return queue.push(at, event, what); }
  /// Writes a trace record about now. `cause` is the event that led to it, if that is another than this one.
  /// Always inline, so that a record that is not kept is never put together.
  [[gnu::always_inline]] void record(std::uint16_t kind, HostId host, const std::array<std::int64_t, 8>& args,
                                     std::uint32_t text = 0, EventNumber cause = no_event) {
    if (trace.on()) [[unlikely]]
      write(kind, host, args, text, cause);
  }

 private:
  [[gnu::noinline]] void write(std::uint16_t kind, HostId host, const std::array<std::int64_t, 8>& args,
                               std::uint32_t text, EventNumber cause) {
    trace.add(TraceRecord{now, event, cause == no_event ? event : cause, args, host, text, kind});
  }
};

}  // namespace linger::sim
