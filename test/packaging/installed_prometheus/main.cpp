#include <prometheus/text_serializer.h>

#include <audit_trail/prometheus.hpp>
#include <iostream>

int main(int, char** arguments) {
    audit_trail::prometheus_collector collector;
    audit_trail::writer const closed;
    collector.add(arguments[1], closed);
    collector.add("other", closed);
    collector.add("removed", closed);
    collector.remove("removed");
    auto const families = collector.Collect();
    for (auto const& family : families) {
        if (family.metric.size() != 2) return 1;
    }
    std::cout << prometheus::TextSerializer().Serialize(families);
}
