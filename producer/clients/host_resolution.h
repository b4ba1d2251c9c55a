#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace linger {

/// What a name server would say, as data (Kafka: HostResolver and ClientUtils.resolve). A name that is not listed
/// resolves to itself, so that a driver can use names as addresses; one that is listed without addresses is unknown, as
/// with UnknownHostException. Of IPv4 and IPv6 addresses those of the first one's kind are taken.
class HostResolution {
 public:
  void set(const std::string& host, std::vector<std::string> addresses) { answers_[host] = std::move(addresses); }

  std::vector<std::string> resolve(const std::string& host) const {
    const auto found = answers_.find(host);
    if (found == answers_.end()) return {host};
    std::vector<std::string> addresses;
    for (const std::string& address : found->second) {
      if (is_ipv6(address) == is_ipv6(found->second.front())) addresses.push_back(address);
    }
    return addresses;
  }

 private:
  static bool is_ipv6(const std::string& address) { return address.find(':') != std::string::npos; }

  std::map<std::string, std::vector<std::string>> answers_;
};

}  // namespace linger
