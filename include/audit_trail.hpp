/// \file
/// Includes the whole library. To write, begin with `audit_trail/writer.hpp`; to read, with `audit_trail/reader.hpp`.
#pragma once

#include <audit_trail/entry.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <audit_trail/event_filter.hpp>
#include <audit_trail/field_change.hpp>
#include <audit_trail/follower.hpp>
#include <audit_trail/health_event.hpp>
#include <audit_trail/json.hpp>
#include <audit_trail/read_report.hpp>
#include <audit_trail/reader.hpp>
#include <audit_trail/recovery.hpp>
#include <audit_trail/recovery_report.hpp>
#include <audit_trail/redaction.hpp>
#include <audit_trail/replay.hpp>
#include <audit_trail/trail_stats.hpp>
#include <audit_trail/verify.hpp>
#include <audit_trail/writer.hpp>
#include <audit_trail/writer_options.hpp>
#include <audit_trail/writer_stats.hpp>
