/// \file
/// Writes the seed inputs of the fuzz targets, made from the data of the tests: fuzz_seeds DIRECTORY.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::vector<std::string> lines_of(std::string const& name) {
    std::ifstream file(std::string(TEST_DATA_DIR) + '/' + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

/// Events as in segments.
std::vector<std::string> encoded_lines() {
    std::vector<std::string> lines;
    for (auto const& vector : lines_of("encoding_vectors.jsonl")) {
        lines.emplace_back(json::parse(vector).at("line").as_string());
    }
    return lines;
}

std::string into_category(std::string line) {
    auto const begin = line.find(R"("domain":)");
    auto const end = line.find(R"(,"model_name":)");
    return line.replace(begin, end - begin, R"("domain":"d","category":"c")");
}

std::string with_context(std::string line) {
    auto const payload = line.find(R"(,"payload":)");
    if (payload != line.npos) line.insert(payload, R"(,"context":{"action":"login","nested":{"n":[1,null]}})");
    return line;
}

void write(fs::path const& file, std::string const& bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
}

void make_seeds(fs::path const& directory) {
    constexpr std::size_t lines_in_segment = 5;
    std::string segment;
    std::size_t count = 0;
    for (auto const& line : encoded_lines()) {
        std::string const name = std::to_string(++count);
        write(directory / "line" / name, count % 2 == 0 ? with_context(line) : line);
        segment += into_category(line) + '\n';
        if (count % lines_in_segment != 0) continue;
        write(directory / "segment" / name, segment);
        segment.clear();
    }
    auto drafts = lines_of("catalog_drafts.jsonl");
    drafts.resize(std::min<std::size_t>(drafts.size(), 100));
    for (auto const& draft : drafts) write(directory / "line" / std::to_string(++count), draft);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: fuzz_seeds DIRECTORY\n", stderr);
        return 2;
    }
    make_seeds(argv[1]);
}
