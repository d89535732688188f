#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "fuzz/fuzz.hpp"

/// Stands in for libFuzzer where there is none: checks the files of a corpus, once each. What broke
/// something once is among them, so that it stays a test for every compiler.
int main(int argc, char** argv) {
    int count = 0;
    for (int n = 1; n < argc; ++n) {
        for (const auto& entry : std::filesystem::directory_iterator{argv[n]}) {
            std::cout << entry.path().filename().native() << std::endl;
            std::ifstream file{entry.path(), std::ios::binary};
            const std::string input{std::istreambuf_iterator<char>{file}, {}};
            ccci::fuzz::check(input);
            ++count;
        }
    }
    std::cout << count << " inputs\n";
    return count > 0 ? 0 : 1;
}
