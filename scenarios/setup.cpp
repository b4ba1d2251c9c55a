#include "scenarios/setup.h"

#include <algorithm>
#include <cassert>

#include "protocol/memory_records_builder.h"
#include "sim/draw.h"

namespace linger::scenarios {

namespace {

sim::Latency latency_of(const LatencySpec& spec) {
  switch (spec.kind) {
    case LatencySpec::Kind::constant: return sim::Latency::constant(spec.low);
    case LatencySpec::Kind::uniform: return sim::Latency::uniform(spec.low, spec.high);
    case LatencySpec::Kind::exponential: return sim::Latency::exponential(spec.low, spec.high - spec.low);
  }
  return sim::Latency::constant(spec.low);
}

sim::Ratio loss_of(std::int64_t ppm) {
  return sim::Ratio{static_cast<std::uint32_t>(ppm), 1'000'000};
}

std::shared_ptr<const sim::Topology> make_topology(const std::vector<std::string>& hosts, const NetworkSpec& network) {
  std::vector<sim::NodeSpec> nodes;
  for (const std::string& name : hosts) nodes.push_back({name, sim::NodeSpec::Role::host});
  std::vector<sim::LinkSpec> links;
  for (std::uint32_t a = 0; a < hosts.size(); ++a) {
    for (std::uint32_t b = a + 1; b < hosts.size(); ++b) {
      sim::LinkQuality quality{latency_of(network.latency), network.bandwidth.value_or(0), loss_of(network.loss_ppm)};
      for (const LinkSpec& link : network.links) {
        const bool this_link = (link.a == hosts[a] && link.b == hosts[b]) || (link.a == hosts[b] && link.b == hosts[a]);
        if (!this_link) continue;
        if (link.latency) quality.latency = latency_of(*link.latency);
        if (link.bandwidth) quality.bytes_per_second = *link.bandwidth;
        if (link.loss_ppm) quality.loss = loss_of(*link.loss_ppm);
      }
      links.push_back({sim::HostId{a}, sim::HostId{b}, quality});
    }
  }
  return sim::Topology::make(std::move(nodes), std::move(links));
}

ProducerBehaviour producer_behaviour(const Behaviours& named) {
  ProducerBehaviour behaviour;
  for (const ProducerBehaviourField& field : producer_behaviours()) {
    const auto found = named.find(std::string(field.name));
    if (found != named.end()) behaviour.*field.member = found->second == field.corrected;
  }
  return behaviour;
}

ApplicationBehaviour application_behaviour(const Behaviours& named) {
  ApplicationBehaviour behaviour;
  for (const ApplicationBehaviourField& field : application_behaviours()) {
    const auto found = named.find(std::string(field.name));
    if (found != named.end()) behaviour.*field.member = found->second == field.right;
  }
  return behaviour;
}

std::shared_ptr<const FaultPlan> look_up_faults(const Setup& setup) {
  std::vector<std::string> producers;
  for (const ProducerSpec& producer : setup.scenario.producers) producers.push_back(producer.name);
  return std::make_shared<FaultPlan>(setup.scenario.faults, setup.hosts, producers, setup.topics);
}

}  // namespace

std::int32_t Setup::host(const std::string& name) const {
  const auto found = std::find(hosts.begin(), hosts.end(), name);
  return found == hosts.end() ? -1 : static_cast<std::int32_t>(found - hosts.begin());
}

std::vector<std::int32_t> replicas_of(const TopicSpec& topic, std::int32_t number, std::int32_t brokers) {
  if (static_cast<std::size_t>(number) < topic.replicas.size()) return topic.replicas[static_cast<std::size_t>(number)];
  std::vector<std::int32_t> replicas;
  for (std::int32_t i = 0; i < topic.replication_factor; ++i) replicas.push_back((number + i) % brokers + 1);
  return replicas;
}

sim::Bytes initial_batch(std::int64_t number) {
  MemoryRecordsBuilder builder{BatchOptions{}};
  linger::Bytes buffer;
  const std::string text = "initial " + std::to_string(number);
  builder.append(buffer, 0, std::nullopt, BytesView{reinterpret_cast<const std::byte*>(text.data()), text.size()});
  builder.close(buffer);
  return sim::Bytes::copy_of(builder.records(buffer));
}

sim::TiePolicy tie_policy(const Scenario& scenario) {
  const Ties& ties = scenario.ties;
  switch (ties.kind) {
    case Ties::Kind::fifo: return sim::TiePolicy::fifo();
    case Ties::Kind::seeded: return sim::TiePolicy::seeded(sim::Seed{ties.seed});
    case Ties::Kind::pct: return sim::TiePolicy::pct(sim::Seed{ties.seed}, static_cast<std::uint32_t>(ties.depth), 10'000);
    case Ties::Kind::recorded: {
      std::vector<sim::TieChoice> choices;
      for (std::size_t i = 0; i + 1 < ties.recorded.size(); i += 2) choices.push_back({sim::EventNumber{ties.recorded[i]}, ties.recorded[i + 1]});
      return sim::TiePolicy::played(std::move(choices));
    }
  }
  return sim::TiePolicy::fifo();
}

std::shared_ptr<const Setup> prepare(Scenario scenario) {
  auto setup = std::make_shared<Setup>();
  setup->scenario = std::move(scenario);
  const Scenario& plan = setup->scenario;
  const auto add_host = [&](std::string name, HostKind kind, std::uint32_t index) {
    setup->hosts.push_back(std::move(name));
    setup->roles.push_back({kind, index});
  };
  for (std::int32_t b = 0; b < plan.cluster.brokers; ++b) add_host("b" + std::to_string(b + 1), HostKind::broker, static_cast<std::uint32_t>(b));
  for (std::int32_t c = 0; c < plan.cluster.controllers; ++c) add_host("c" + std::to_string(c + 1), HostKind::controller, static_cast<std::uint32_t>(c));
  for (std::uint32_t p = 0; p < plan.producers.size(); ++p) add_host(plan.producers[p].name, HostKind::producer, p);
  for (std::uint32_t i = 0; i < plan.consumers.size(); ++i) add_host(plan.consumers[i].name, HostKind::consumer, i);
  auto witnesses = static_cast<std::uint32_t>(plan.consumers.size());
  setup->transactional = std::any_of(plan.producers.begin(), plan.producers.end(), [](const ProducerSpec& p) { return p.config.contains("transactional.id"); });
  if (setup->transactional) add_host("committed-witness", HostKind::consumer, witnesses++);
  add_host("witness", HostKind::consumer, witnesses);
  add_host("admin", HostKind::admin, 0);

  for (const TopicSpec& topic : plan.cluster.topics) setup->topics.push_back(topic.name);
  for (const Fault& fault : plan.faults) {
    const auto* create = std::get_if<CreateTopic>(&fault.action);
    if (create != nullptr && std::find(setup->topics.begin(), setup->topics.end(), create->topic.name) == setup->topics.end()) {
      setup->topics.push_back(create->topic.name);
    }
  }

  std::vector<std::string> servers;
  std::string bootstrap;
  for (std::int32_t b = 1; b <= plan.cluster.brokers; ++b) bootstrap += (b > 1 ? ",b" : "b") + std::to_string(b) + ":9092";
  for (const ProducerSpec& producer : plan.producers) {
    Settings settings = producer.config;
    settings["bootstrap.servers"] = bootstrap;
    settings.try_emplace("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    settings.try_emplace("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    settings.try_emplace("client.id", producer.name);
    ProducerConfigResult read = read_producer_config(settings);
    for (const std::string& warning : describe_notes(read.warnings)) setup->warnings.push_back(producer.name + ": " + warning);
    setup->producers.push_back(
        {std::move(read.config), producer_behaviour(producer.behaviour), application_behaviour(producer.behaviour)});
  }
  for (const auto& [key, value] : plan.cluster.config) {
    const auto wrong = broker::set_broker_config(setup->broker_config, key, value);
    assert(!wrong);
    static_cast<void>(wrong);
  }
  for (const auto& [name, value] : plan.cluster.behaviour) {
    const auto wrong = broker::set_behaviour(setup->broker_behaviour, name, value);
    assert(!wrong);
    static_cast<void>(wrong);
  }
  setup->faults = look_up_faults(*setup);
  setup->topology = make_topology(setup->hosts, plan.network);
  return setup;
}

std::shared_ptr<const Setup> with_faults(const Setup& setup, const std::vector<Fault>& faults) {
  auto longer = std::make_shared<Setup>(setup);
  longer->scenario.faults.insert(longer->scenario.faults.end(), faults.begin(), faults.end());
  longer->faults = look_up_faults(*longer);
  return longer;
}

}  // namespace linger::scenarios
