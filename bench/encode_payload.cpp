/// \file
/// Compares the encoding of a payload with Boost.JSON's serializer: both write an existing object of six members into a
/// reused buffer. Also measures Boost.JSON's plain `serialize`, which creates a new string.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>
#include <iostream>
#include <map>

#include "format/encode.hpp"
#include "support/options.hpp"
#include "support/results.hpp"

namespace {

namespace json = boost::json;

constexpr auto encoded = "encode_value";
constexpr auto serialized = "serializer, buffer used again";
constexpr auto serialized_anew = "serialize";

json::value mixed_members() {
    return {{"name", "Ada Lovelace"}, {"city", "London"}, {"logins", 20731},
            {"balance", 1250.75},     {"active", true},   {"note", nullptr}};
}

/// Text with letters outside of ASCII. Boost.JSON writes them in UTF-8, which needs four bytes less per letter.
json::value texts_beyond_ascii() {
    return {{"name", "Józef Łukasiewicz"},
            {"email", "jozef@example.org"},
            {"city", "Łódź"},
            {"street", "ulica Piotrkowska 12"},
            {"phone", "+48 42 638 40 00"},
            {"payment_terms", "30 dni netto, faktura pocztą"}};
}

json::value texts() {
    return {{"name", "Ada Lovelace"},
            {"email", "ada@example.org"},
            {"city", "London"},
            {"street", "12 St James's Square"},
            {"phone", "+44 20 7946 0958"},
            {"payment_terms", "net 30 days, invoice by post"}};
}

void encode(benchmark::State& state, json::value const& value) {
    audit_trail::detail::text_buffer text;
    for (auto _ : state) {
        text.clear();
        if (audit_trail::format::encode_value(value, text)) state.SkipWithError("not valid");
        benchmark::DoNotOptimize(text.data());
    }
}

void serialize_again(benchmark::State& state, json::value const& value) {
    json::serializer serializer;
    std::array<char, 1024> text;
    for (auto _ : state) {
        serializer.reset(&value);
        auto const read = serializer.read(text.data(), text.size());
        if (!serializer.done()) state.SkipWithError("longer than the buffer");
        benchmark::DoNotOptimize(read.data());
    }
}

void serialize_anew(benchmark::State& state, json::value const& value) {
    for (auto _ : state) benchmark::DoNotOptimize(json::serialize(value));
}

/// Prints the results, and keeps the medians of the processor time in nanoseconds.
class median_reporter : public benchmark::ConsoleReporter {
 public:
    median_reporter() : ConsoleReporter(OO_Tabular) {}

    void ReportRuns(std::vector<Run> const& runs) override {
        ConsoleReporter::ReportRuns(runs);
        for (Run const& run : runs) {
            if (run.error_occurred) throw std::runtime_error(run.error_message);
            bool const is_only_one = run.run_type == Run::RT_Iteration;
            if (is_only_one || run.aggregate_name == "median")
                medians_[run.run_name.function_name] = run.GetAdjustedCPUTime();
        }
    }

    double median(std::string const& name) const { return medians_.at(name); }

 private:
    std::map<std::string, double> medians_;
};

void register_all(std::string const& what, json::value const& value, int rounds) {
    auto const add = [&](char const* how, void (*function)(benchmark::State&, json::value const&)) {
        benchmark::RegisterBenchmark((what + ": " + how).c_str(), function, value)
            ->Repetitions(std::max(rounds, 2))  // a single repetition has no median
            ->ReportAggregatesOnly();
    };
    add(encoded, encode);
    add(serialized, serialize_again);
    add(serialized_anew, serialize_anew);
}

/// Runs the repetitions in random order.
void run_all(median_reporter& reporter) {
    std::array arguments{std::string("encode_payload"), std::string("--benchmark_min_time=0.05"),
                         std::string("--benchmark_enable_random_interleaving=true")};
    std::array<char*, arguments.size()> pointers;
    std::ranges::transform(arguments, pointers.begin(), [](std::string& each) { return each.data(); });
    int count = static_cast<int>(pointers.size());
    benchmark::Initialize(&count, pointers.data());
    benchmark::RunSpecifiedBenchmarks(&reporter);
}

void add(std::string const& what, median_reporter const& medians, bench::results& figures) {
    for (std::string const how : {encoded, serialized, serialized_anew}) {
        figures.add(what + ": " + how, medians.median(what + ": " + how), "ns");
    }
}

void compare(std::string const& what, median_reporter const& medians, bench::results& figures) {
    double const ours = medians.median(what + ": " + encoded);
    figures.compare(what + ": over serializer", ours / medians.median(what + ": " + serialized), "x",
                    bench::at_most(1.5));
    figures.compare(what + ": over serialize", ours / medians.median(what + ": " + serialized_anew), "x",
                    bench::at_most(1.5));
}

}  // namespace

int main(int argc, char** argv) {
    bench::options options("How long the encoding of a payload takes beside Boost.JSON's serializer");
    int rounds = 9;
    options.add("--rounds", rounds, "measured rounds");
    bench::results figures(options, "encode_payload");
    options.parse(argc, argv);

    register_all("mixed members", mixed_members(), rounds);
    register_all("texts", texts(), rounds);
    register_all("texts beyond ASCII", texts_beyond_ascii(), rounds);
    median_reporter medians;
    run_all(medians);
    for (auto const* const what : {"mixed members", "texts", "texts beyond ASCII"}) add(what, medians, figures);
    for (auto const* const what : {"mixed members", "texts"}) compare(what, medians, figures);
    figures.write();
}
