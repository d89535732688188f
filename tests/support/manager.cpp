#include "support/manager.hpp"

namespace ccci::test {

std::string manager() {
    return CCCI_MANAGER;
}

}  // namespace ccci::test
