#include <cassert>

#include "broker_model/controller.h"
#include "broker_model/vote_message.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::int64_t producer_id_block = 1000;

constexpr ApiKey served[] = {ApiKey::fetch,
                             ApiKey::api_versions,
                             ApiKey::create_topics,
                             ApiKey::delete_topics,
                             ApiKey::create_partitions,
                             ApiKey::elect_leaders,
                             ApiKey::vote,
                             ApiKey::alter_partition,
                             ApiKey::broker_registration,
                             ApiKey::broker_heartbeat,
                             ApiKey::allocate_producer_ids};

}  // namespace

bool Controller::serve() {
  bool any = false;
  while (role_ != ControllerRole::stopped) {
    const auto ready = server_.next(now_);
    if (!ready) break;
    any = true;
    handle(*ready);
  }
  return any;
}

void Controller::handle(const RequestServer::Ready& ready) {
  Request request;
  request.conn = ready.conn;
  request.cause = ready.cause;
  cause_ = ready.cause;
  request.done = handler_done_ = now_ + scaled(spec_.cost.request + spec_.cost.for_bytes(ready.frame.size()));
  Reader reader{ready.frame.span()};
  const auto header = decode_request_header(reader);
  const bool known = header && std::find(std::begin(served), std::end(served),
                                         static_cast<ApiKey>(header.value.request_api_key)) != std::end(served);
  if (!known) {
    malformed(request);
  } else {
    request.api = static_cast<ApiKey>(header.value.request_api_key);
    request.version = header.value.request_api_version;
    request.correlation = header.value.correlation_id;
    dispatch(request, reader);
  }
  server_.occupy(ready.handler, handler_done_);
  cause_ = sim::no_event;
}

void Controller::dispatch(const Request& request, Reader& reader) {
  if (request.api != ApiKey::api_versions && !api_info(request.api).versions.contains(request.version)) {
    malformed(request);
    return;
  }
  switch (request.api) {
    case ApiKey::api_versions:
      handle_api_versions(request, reader);
      return;
    case ApiKey::fetch:
      handle_fetch(request, reader);
      return;
    case ApiKey::vote:
      handle_vote(request, reader);
      return;
    default:
      break;
  }
  if (role_ != ControllerRole::active) {
    answer_not_controller(request);
    return;
  }
  switch (request.api) {
    case ApiKey::broker_registration:
      handle_registration(request, reader);
      break;
    case ApiKey::broker_heartbeat:
      handle_heartbeat(request, reader);
      break;
    case ApiKey::alter_partition:
      handle_alter_partition(request, reader);
      break;
    case ApiKey::allocate_producer_ids:
      handle_allocate_producer_ids(request, reader);
      break;
    case ApiKey::elect_leaders:
      handle_elect_leaders(request, reader);
      break;
    case ApiKey::create_topics:
      handle_create_topics(request, reader);
      break;
    case ApiKey::delete_topics:
      handle_delete_topics(request, reader);
      break;
    case ApiKey::create_partitions:
      handle_create_partitions(request, reader);
      break;
    default:
      malformed(request);
      break;
  }
}

template <RequestMessage M>
std::optional<M> Controller::body(Reader& reader, const Request& request) {
  auto decoded = decode_whole<M>(reader, request.version);
  if (decoded) return std::move(decoded.value);
  malformed(request);
  return std::nullopt;
}

template <Message M>
void Controller::answer(const Request& request, const M& message) {
  server_.answer(request.conn, encode_answer(message, request.version, request.correlation),
                 {request.api, request.version, CorrelationId{request.correlation}, true}, request.cause,
                 std::max(request.done, now_));
}

template <Message M>
void Controller::answer_when_committed(Request request, const M& message) {
  request.done = std::max(request.done, handler_done_);
  if (committed_end_ >= log_end()) {
    answer(request, message);
    return;
  }
  awaiting_.push_back({request, log_end(), encode_answer(message, request.version, request.correlation)});
}

template std::optional<FetchRequest> Controller::body(Reader&, const Request&);
template std::optional<VoteRequest> Controller::body(Reader&, const Request&);
template std::optional<ElectLeadersRequest> Controller::body(Reader&, const Request&);
template std::optional<CreateTopicsRequest> Controller::body(Reader&, const Request&);
template std::optional<DeleteTopicsRequest> Controller::body(Reader&, const Request&);
template std::optional<CreatePartitionsRequest> Controller::body(Reader&, const Request&);
template void Controller::answer(const Request&, const FetchResponse&);
template void Controller::answer(const Request&, const VoteResponse&);
template void Controller::answer_when_committed(Request, const ElectLeadersResponse&);
template void Controller::answer_when_committed(Request, const CreateTopicsResponse&);
template void Controller::answer_when_committed(Request, const DeleteTopicsResponse&);
template void Controller::answer_when_committed(Request, const CreatePartitionsResponse&);

void Controller::write(const Records& records) {
  if (records.empty()) return;
  handler_done_ = std::max(handler_done_, now_ + scaled(spec_.cost.metadata_write));
  append(records);
}

void Controller::malformed(const Request& request) {
  Observation seen;
  seen.kind = Observation::Kind::malformed;
  seen.conn = request.conn;
  observe(seen);
  server_.close(request.conn, out_);
}

/// Each API says "not the controller" in its own way.
void Controller::answer_not_controller(const Request& request) {
  const std::int16_t code = wire_code(ErrorCode::not_controller);
  switch (request.api) {
    case ApiKey::broker_registration: {
      BrokerRegistrationResponse response;
      response.error_code = code;
      answer(request, response);
      return;
    }
    case ApiKey::broker_heartbeat: {
      BrokerHeartbeatResponse response;
      response.error_code = code;
      answer(request, response);
      return;
    }
    case ApiKey::alter_partition: {
      AlterPartitionResponse response;
      response.error_code = code;
      answer(request, response);
      return;
    }
    case ApiKey::allocate_producer_ids: {
      AllocateProducerIdsResponse response;
      response.error_code = code;
      answer(request, response);
      return;
    }
    default:
      server_.close(request.conn, out_);
      return;
  }
}

void Controller::refuse_waiting() {
  for (const Awaiting& waiting : awaiting_) answer_not_controller(waiting.request);
  awaiting_.clear();
}

void Controller::handle_api_versions(Request request, Reader& reader) {
  ApiVersionsResponse response;
  if (!api_info(ApiKey::api_versions).versions.contains(request.version)) {
    request.version = 0;
    response.error_code = wire_code(ErrorCode::unsupported_version);
    response.api_keys.push_back({wire_code(ApiKey::api_versions), 0, api_info(ApiKey::api_versions).versions.max});
    answer(request, response);
    return;
  }
  if (!body<ApiVersionsRequest>(reader, request)) return;
  for (const ApiInfo& info : all_apis()) {
    if (std::find(std::begin(served), std::end(served), info.key) == std::end(served)) continue;
    response.api_keys.push_back({wire_code(info.key), info.versions.min, info.latest_stable});
  }
  answer(request, response);
}

ErrorCode Controller::check_broker_epoch(NodeId broker, std::int64_t epoch) const {
  const BrokerRegistration* registration = latest_->broker(broker);
  return registration == nullptr || registration->epoch != epoch ? ErrorCode::stale_broker_epoch : ErrorCode::none;
}

// ---------------------------------------------------------------- brokers

void Controller::handle_registration(Request request, Reader& reader) {
  const auto asked = body<BrokerRegistrationRequest>(reader, request);
  if (!asked) return;
  BrokerRegistrationResponse response;
  const NodeId broker{asked->broker_id};
  const BrokerRegistration* known = latest_->broker(broker);
  const Session* alive = session(broker);
  const bool valid_session = known != nullptr && alive != nullptr && alive->contacted &&
                             alive->broker_epoch == known->epoch &&
                             now_ - alive->last_contact < Duration::ms(spec_.config.session_timeout_ms);
  if (asked->cluster_id != spec_.cluster_id) {
    response.error_code = wire_code(ErrorCode::inconsistent_cluster_id);
    answer(request, response);
    return;
  }
  if (valid_session && known->incarnation != asked->incarnation_id) {
    // Its old life may still be there; it tries again until that session has run out.
    response.error_code = wire_code(ErrorCode::duplicate_broker_registration);
    answer(request, response);
    return;
  }
  Records records;
  RegisterBrokerRecord record;
  record.broker_id = asked->broker_id;
  record.incarnation_id = asked->incarnation_id;
  record.rack = std::nullopt;
  for (const auto& listener : asked->listeners)
    record.end_points.push_back({listener.name, listener.host, listener.port, listener.security_protocol});
  for (const auto& feature : asked->features)
    record.features.push_back({feature.name, feature.min_supported_version, feature.max_supported_version});
  record.log_dirs = asked->log_dirs;
  if (known != nullptr && known->incarnation == asked->incarnation_id) {
    record.fenced = known->fenced;
    record.in_controlled_shutdown = known->in_controlled_shutdown;
    record.broker_epoch = known->epoch;
  } else {
    const bool clean = known != nullptr && known->epoch == asked->previous_broker_epoch;
    broker_came_back(broker, clean, records);
    record.broker_epoch = log_end();
  }
  records.emplace_back(record);
  write(records);
  std::erase_if(sessions_, [&](const Session& s) { return s.broker == broker; });
  Session fresh;
  fresh.broker = broker;
  fresh.broker_epoch = record.broker_epoch;
  fresh.last_contact = now_;
  fresh.registration_offset = log_end() - 1;
  sessions_.push_back(fresh);
  sessions_at_ = std::min(sessions_at_, next_stale_session());
  response.broker_epoch = record.broker_epoch;
  answer_when_committed(request, response);
}

/// Kafka: BrokerHeartbeatManager.calculateNextBrokerState, ReplicationControlManager.processBrokerHeartbeat.
void Controller::handle_heartbeat(Request request, Reader& reader) {
  const auto asked = body<BrokerHeartbeatRequest>(reader, request);
  if (!asked) return;
  BrokerHeartbeatResponse response;
  const NodeId broker{asked->broker_id};
  const ErrorCode error = check_broker_epoch(broker, asked->broker_epoch);
  Session* alive = session(broker);
  if (error != ErrorCode::none || alive == nullptr) {
    response.error_code = wire_code(error == ErrorCode::none ? ErrorCode::stale_broker_epoch : error);
    answer(request, response);
    return;
  }
  const BrokerRegistration registration = *latest_->broker(broker);
  const bool caught_up = asked->current_metadata_offset >= alive->registration_offset;
  bool fenced = registration.fenced;
  bool stop_now = false;
  Records records;
  if (registration.fenced) {
    if (asked->want_shut_down) {
      stop_now = true;
    } else if (!asked->want_fence && caught_up) {
      fenced = false;
      broker_unfenced(broker, records);
    }
  } else if (asked->want_fence) {
    fenced = true;
    stop_now = asked->want_shut_down;
    broker_fenced(broker, records);
  } else if (registration.in_controlled_shutdown) {
    std::int64_t lowest = log_end();
    for (const Session& other : sessions_) {
      if (latest_->active(other.broker)) lowest = std::min(lowest, other.metadata_offset);
    }
    // It may go when nobody is left to be led and every other broker has learned of it.
    if (!has_leaderships(broker) && alive->controlled_shutdown_offset <= lowest) {
      stop_now = fenced = true;
      broker_fenced(broker, records);
    }
  } else if (asked->want_shut_down) {
    if (has_leaderships(broker)) {
      broker_in_controlled_shutdown(broker, records);
    } else {
      stop_now = fenced = true;
      broker_fenced(broker, records);
    }
  }
  const bool leaving = !records.empty() && asked->want_shut_down && !stop_now;
  write(records);
  alive->contacted = true;
  alive->last_contact = now_;
  alive->metadata_offset = asked->current_metadata_offset;
  if (leaving) alive->controlled_shutdown_offset = log_end() - 1;
  sessions_at_ = std::min(sessions_at_, next_stale_session());
  response.is_caught_up = caught_up;
  response.is_fenced = fenced;
  response.should_shut_down = stop_now;
  answer_when_committed(request, response);
}

void Controller::handle_alter_partition(Request request, Reader& reader) {
  const auto asked = body<AlterPartitionRequest>(reader, request);
  if (!asked) return;
  AlterPartitionResponse response;
  const NodeId broker{asked->broker_id};
  if (const ErrorCode error = check_broker_epoch(broker, asked->broker_epoch); error != ErrorCode::none) {
    response.error_code = wire_code(error);
    answer(request, response);
    return;
  }
  Records records;
  for (const auto& topic_data : asked->topics) {
    auto& answered = response.topics.emplace_back();
    answered.topic_id = topic_data.topic_id;
    const TopicImage* topic = latest_->topic(topic_data.topic_id);
    for (const auto& data : topic_data.partitions) {
      auto& result = answered.partitions.emplace_back();
      result.partition_index = data.partition_index;
      const ErrorCode error =
          topic == nullptr ? ErrorCode::unknown_topic_id : validate_alter_partition(broker, *topic, data);
      result.error_code = wire_code(error);
      if (error != ErrorCode::none) continue;
      const TopicIdPartition id{topic->id, data.partition_index};
      const PartitionRegistration& partition = *latest_->partition(id);
      PartitionTarget target;
      target.isr = Replicas{};
      for (const auto& member : data.new_isr_with_epochs) target.isr->push_back(member.broker_id);
      target.recovering = data.leader_recovery_state == 1;
      if (topic->config.unclean_leader_election != 0) target.election = Election::unclean;
      const auto change = build_partition_change(partition, id, target, rules_for(*topic));
      const PartitionRegistration after = change ? partition.merge(*change) : partition;
      if (change) records.emplace_back(*change);
      if (change && change->leader != no_leader_change && change->leader != asked->broker_id) {
        // The change completed a reassignment that takes the leader away: both an error and a record.
        result.error_code = wire_code(ErrorCode::new_leader_elected);
        continue;
      }
      result.leader_id = after.leader;
      result.isr = after.isr;
      result.leader_recovery_state = after.recovering ? 1 : 0;
      result.leader_epoch = after.leader_epoch;
      result.partition_epoch = after.partition_epoch;
    }
  }
  write(records);
  answer_when_committed(request, response);
}

void Controller::handle_allocate_producer_ids(Request request, Reader& reader) {
  const auto asked = body<AllocateProducerIdsRequest>(reader, request);
  if (!asked) return;
  AllocateProducerIdsResponse response;
  const NodeId broker{asked->broker_id};
  if (const ErrorCode error = check_broker_epoch(broker, asked->broker_epoch); error != ErrorCode::none) {
    response.error_code = wire_code(error);
    answer(request, response);
    return;
  }
  ProducerIdsRecord record;
  record.broker_id = asked->broker_id;
  record.broker_epoch = asked->broker_epoch;
  response.producer_id_start = latest_->next_producer_id();
  response.producer_id_len = static_cast<std::int32_t>(producer_id_block);
  record.next_producer_id = response.producer_id_start + producer_id_block;
  write({record});
  answer_when_committed(request, response);
}

}  // namespace linger::broker
