// An operator's requests: topics, partitions and records are changed by real frames on a connection of their own.
#include <algorithm>
#include <cassert>
#include <utility>

#include "protocol/api_level.h"
#include "protocol/frame.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "scenarios/faults.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;

namespace {

constexpr std::int32_t admin_timeout_ms = 30'000;
constexpr Duration retry_after = Duration::ms(200);

template <class Request>
sim::Bytes encode(const Request& request, std::int16_t version) {
  linger::Bytes frame;
  const WireError error = encode_request(frame, request, version, CorrelationId{0}, std::string("admin"));
  assert(!error);
  static_cast<void>(error);
  return sim::Bytes::adopt(std::move(frame));
}

template <class Response, class Errors>
bool fine(std::int16_t version, const sim::Bytes& frame, Errors errors) {
  const auto decoded = decode_response<Response>(frame.span().subspan(4), version);
  return decoded && errors(decoded.message);
}

CreateTopicsRequest create_request(const TopicSpec& topic) {
  CreateTopicsRequest request;
  request.timeout_ms = admin_timeout_ms;
  CreateTopicsRequest::CreatableTopic created;
  created.name = topic.name;
  created.num_partitions = topic.partitions;
  created.replication_factor = static_cast<std::int16_t>(topic.replication_factor);
  if (!topic.replicas.empty()) {
    created.num_partitions = -1;
    created.replication_factor = -1;
    for (std::size_t p = 0; p < topic.replicas.size(); ++p) {
      created.assignments.push_back({static_cast<std::int32_t>(p), topic.replicas[p]});
    }
  }
  for (const auto& [key, value] : topic.config) created.configs.push_back({key, value});
  request.topics.push_back(std::move(created));
  return request;
}

}  // namespace

bool admin_request_succeeded(ApiKey api, std::int16_t version, const sim::Bytes& frame) {
  const auto all_fine = [](const auto& list) { return std::all_of(list.begin(), list.end(), [](const auto& one) { return one.error_code == 0; }); };
  switch (api) {
    case ApiKey::create_topics: return fine<CreateTopicsResponse>(version, frame, [&](const auto& r) { return all_fine(r.topics); });
    case ApiKey::delete_topics: return fine<DeleteTopicsResponse>(version, frame, [&](const auto& r) { return all_fine(r.responses); });
    case ApiKey::create_partitions: return fine<CreatePartitionsResponse>(version, frame, [&](const auto& r) { return all_fine(r.results); });
    case ApiKey::delete_records:
      return fine<DeleteRecordsResponse>(version, frame, [&](const auto& r) {
        return std::all_of(r.topics.begin(), r.topics.end(), [&](const auto& topic) { return all_fine(topic.partitions); });
      });
    default: return false;
  }
}

void Faults::ask(std::size_t fault, const Action& action, Context& context) {
  AdminRequest request;
  request.fault = static_cast<std::uint32_t>(fault);
  // Any broker passes the request on to the controller; records are deleted by the leader itself.
  request.to = world_.setup_->broker_host(0);
  for (std::uint32_t b = static_cast<std::uint32_t>(world_.brokers_.size()); b-- > 0;) {
    if (!world_.hosts_[b].stopped) request.to = world_.setup_->broker_host(b);
  }
  const ApiLevel level = world_.setup_->client_api_level();
  if (const auto* create = std::get_if<CreateTopic>(&action)) {
    request.api = ApiKey::create_topics;
    request.version = newest_version(request.api, level);
    request.frame = encode(create_request(create->topic), request.version);
  } else if (const auto* remove = std::get_if<DeleteTopic>(&action)) {
    request.api = ApiKey::delete_topics;
    request.version = newest_version(request.api, level);
    DeleteTopicsRequest message;
    message.timeout_ms = admin_timeout_ms;
    constexpr std::int16_t by_id_too = 6;
    if (request.version >= by_id_too) message.topics.push_back({remove->topic, Uuid{}});
    else message.topic_names.push_back(remove->topic);
    request.frame = encode(message, request.version);
  } else if (const auto* add = std::get_if<AddPartitions>(&action)) {
    request.api = ApiKey::create_partitions;
    request.version = newest_version(request.api, level);
    CreatePartitionsRequest message;
    message.timeout_ms = admin_timeout_ms;
    message.topics.push_back({add->topic, add->partitions, std::nullopt});
    request.frame = encode(message, request.version);
  } else if (const auto* records = std::get_if<DeleteRecords>(&action)) {
    request.api = ApiKey::delete_records;
    request.version = newest_version(request.api, level);
    const std::size_t dash = records->partition.rfind('-');
    const std::int32_t number = std::stoi(records->partition.substr(dash + 1));
    const std::string topic = records->partition.substr(0, dash);
    const GhostPartition* ghost = world_.ghost_.find(world_.topics_.by_name(topic), number);
    if (ghost != nullptr && ghost->leader > 0) request.to = world_.setup_->broker_host(static_cast<std::uint32_t>(ghost->leader - 1));
    DeleteRecordsRequest message;
    message.timeout_ms = admin_timeout_ms;
    message.topics.push_back({topic, {{number, records->before}}});
    request.frame = encode(message, request.version);
  } else {
    return;
  }
  world_.admin_.push_back(std::move(request));
  send_admin(world_.admin_.size() - 1, context);
}

void Faults::send_admin(std::size_t index, Context& context) {
  AdminRequest& request = world_.admin_[index];
  request.handle = ++world_.admin_connections_;
  world_.open(world_.setup_->admin_host(), request.handle, request.to, context);
}

void Faults::on_admin_connected(std::uint64_t handle, Context& context) {
  for (AdminRequest& request : world_.admin_) {
    if (request.handle == handle) world_.send(world_.setup_->admin_host(), handle, request.frame, sim::no_event, context);
  }
}

void Faults::on_admin_answer(std::uint64_t handle, const sim::Bytes& frame, Context& context) {
  const auto found = std::find_if(world_.admin_.begin(), world_.admin_.end(), [&](const AdminRequest& r) { return r.handle == handle; });
  if (found == world_.admin_.end()) return;
  const bool succeeded = admin_request_succeeded(found->api, found->version, frame);
  world_.close(world_.setup_->admin_host(), handle, context);
  if (succeeded || found->tries_left == 0) {
    if (found->fault < world_.fault_progress_.faults.size()) hit(found->fault, context, succeeded ? 1 : 0);
    world_.admin_.erase(found);
    return;
  }
  --found->tries_left;
  context.schedule(context.now + retry_after, sim::Wake{world_.setup_->admin_host(), 0, handle});
}

void Faults::on_admin_lost(std::uint64_t handle, Context& context) {
  const auto found = std::find_if(world_.admin_.begin(), world_.admin_.end(), [&](const AdminRequest& r) { return r.handle == handle; });
  if (found == world_.admin_.end()) return;
  if (found->tries_left-- > 0) {
    context.schedule(context.now + retry_after, sim::Wake{world_.setup_->admin_host(), 0, handle});
  } else {
    if (found->fault < world_.fault_progress_.faults.size()) hit(found->fault, context, 0);
    world_.admin_.erase(found);
  }
}

void Faults::retry_admin(std::uint64_t handle, Context& context) {
  for (std::size_t i = 0; i < world_.admin_.size(); ++i) {
    if (world_.admin_[i].handle == handle) send_admin(i, context);
  }
}

}  // namespace linger::scenarios
