#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace linger {

/// What a name server would say, as data (Kafka: HostResolver). A name that is not listed resolves to itself, so that a
/// driver can use names as addresses; one that is listed without addresses is unknown, as with UnknownHostException.
class HostResolution {
 public:
  void set(const std::string& host, std::vector<std::string> addresses) { answers_[host] = std::move(addresses); }

  std::vector<std::string> resolve(const std::string& host) const {
    const auto found = answers_.find(host);
    return found == answers_.end() ? std::vector<std::string>{host} : found->second;
  }

 private:
  std::map<std::string, std::vector<std::string>> answers_;
};

}  // namespace linger
