#pragma once

#include <vector>

#include "producer/config_def.h"

/// The settings of kafka-clients 4.3.1 as data (facts: org.apache.kafka.clients.producer.ProducerConfig, CommonClientConfigs, SslConfigs,
/// SaslConfigs). Only config_def.cpp includes this.
namespace linger::config_table {

/// Everything but security.
std::vector<ConfigKey> client_keys();
/// security.*, ssl.* and sasl.*.
std::vector<ConfigKey> security_keys();

}  // namespace linger::config_table
