#include <prometheus/text_serializer.h>

#include <audit_trail/prometheus.hpp>
#include <iostream>

int main(int, char** arguments) {
    audit_trail::prometheus_collector collector;
    audit_trail::writer const closed;
    collector.add(arguments[1], closed);
    std::cout << prometheus::TextSerializer().Serialize(collector.Collect());
}
