#include <logferry/secret.hpp>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <ostream>

namespace logferry {

namespace {

constexpr std::size_t max_secret_file = 64 * 1024;

void drop_newline(std::string& text) {
    if (text.empty() || text.back() != '\n') return;
    text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
}

}  // namespace

struct secret::buffer {
    explicit buffer(std::string v) noexcept : value(std::move(v)) {}
    buffer(const buffer&) = delete;
    buffer& operator=(const buffer&) = delete;
    // explicit_bzero, because a plain memset of memory about to be freed is removed by the optimiser.
    ~buffer() { explicit_bzero(value.data(), value.size()); }
    std::string value;
};

secret::secret() noexcept = default;

secret::secret(std::string value) {
    if (value.empty()) {
        problem_ = "the credential is empty";
        return;
    }
    buffer_ = std::make_shared<const buffer>(std::move(value));
}

secret secret::from_env(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    secret result;
    if (value == nullptr) {
        result.problem_ = "environment variable " + name + " is not set";
    } else if (*value == '\0') {
        result.problem_ = "environment variable " + name + " is empty";
    } else {
        result.buffer_ = std::make_shared<const buffer>(std::string(value));
    }
    return result;
}

secret secret::from_file(const std::string& path) {
    secret result;
    std::ifstream in(path, std::ios::binary);
    std::string text(max_secret_file + 1, '\0');
    if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
    // A directory opens but does not read; only the end of the file is a good reason to stop.
    if (!in && !in.eof()) {
        result.problem_ = "file " + path + " cannot be read";
        return result;
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_secret_file) {
        result.problem_ = "file " + path + " is larger than 64 KiB";
    } else {
        drop_newline(text);
        if (text.empty()) {
            result.problem_ = "file " + path + " is empty";
        } else {
            result.buffer_ = std::make_shared<const buffer>(text);
        }
    }
    explicit_bzero(text.data(), text.size());
    return result;
}

std::string_view secret::reveal() const noexcept {
    return buffer_ ? std::string_view(buffer_->value) : std::string_view();
}

bool secret::empty() const noexcept { return buffer_ == nullptr; }

std::string_view secret::problem() const noexcept { return problem_; }

std::ostream& operator<<(std::ostream& out, const secret&) { return out << "***"; }

}  // namespace logferry
