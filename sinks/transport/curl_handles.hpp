// libcurl's handles with owners, and its options with types.
#pragma once

#include <curl/curl.h>

#include <memory>

#include <transport/process_gate.hpp>

namespace logferry::transport {

/// Throws `std::runtime_error` naming the option when `code` is a failure.
void check_option(CURLoption option, CURLcode code);
/// Throws `std::runtime_error` when `code` is a failure; `what` says what was tried.
void check(CURLMcode code, const char* what);

/// An easy handle. libcurl's own setter is variadic and believes whatever it is given; here the option itself decides
/// the type of its value, and a failure throws `std::runtime_error`. Thread rule: one thread at a time.
class easy_handle {
public:
    easy_handle();

    [[nodiscard]] CURL* get() const noexcept { return handle_.get(); }

    template <CURLoption option>
    void set(long value) {
        static_assert(takes<option>(CURLOPTTYPE_LONG), "the option takes no long");
        check_option(option, curl_easy_setopt(get(), option, value));
    }

    template <CURLoption option>
    void set_size(curl_off_t value) {
        static_assert(takes<option>(CURLOPTTYPE_OFF_T), "the option takes no curl_off_t");
        check_option(option, curl_easy_setopt(get(), option, value));
    }

    /// Text is copied by libcurl, all but CURLOPT_POSTFIELDS; anything else must outlive its use.
    template <CURLoption option>
    void set_pointer(const void* value) {
        static_assert(takes<option>(CURLOPTTYPE_OBJECTPOINT), "the option takes no pointer to data");
        check_option(option, curl_easy_setopt(get(), option, value));
    }

    template <CURLoption option, typename Result, typename... Arguments>
    void set_callback(Result (*value)(Arguments...) noexcept) {
        static_assert(takes<option>(CURLOPTTYPE_FUNCTIONPOINT), "the option takes no function");
        check_option(option, curl_easy_setopt(get(), option, value));
    }

    /// For what improves matters but may be missing in an older libcurl or in its build.
    template <CURLoption option>
    void prefer(long value) noexcept {
        static_assert(takes<option>(CURLOPTTYPE_LONG), "the option takes no long");
        curl_easy_setopt(get(), option, value);
    }

    /// The value of a CURLINFO of type long; 0 when libcurl has none.
    [[nodiscard]] long number(CURLINFO what) const noexcept;
    /// The value of a CURLINFO of type curl_off_t; 0 when libcurl has none.
    [[nodiscard]] curl_off_t size(CURLINFO what) const noexcept;

private:
    // libcurl numbers its options so that the ten-thousands tell the type.
    template <CURLoption option>
    static constexpr bool takes(int type) {
        return option / 10'000 == type / 10'000;
    }

    struct cleanup {
        void operator()(CURL* handle) const noexcept {
            const process_gate::in_libcurl stay;
            curl_easy_cleanup(handle);
        }
    };
    std::unique_ptr<CURL, cleanup> handle_;
};

/// A multi handle. All easy handles must have left it before it goes.
class multi_handle {
public:
    multi_handle();

    [[nodiscard]] CURLM* get() const noexcept { return handle_.get(); }

    template <CURLMoption option>
    void set(long value) {
        static_assert(takes<option>(CURLOPTTYPE_LONG), "the option takes no long");
        check(curl_multi_setopt(get(), option, value), "set a connection limit");
    }

    /// What it points to must outlive the handle.
    template <CURLMoption option>
    void set_pointer(void* value) {
        static_assert(takes<option>(CURLOPTTYPE_OBJECTPOINT), "the option takes no pointer to data");
        check(curl_multi_setopt(get(), option, value), "be told of the event loop");
    }

    template <CURLMoption option, typename Result, typename... Arguments>
    void set_callback(Result (*value)(Arguments...) noexcept) {
        static_assert(takes<option>(CURLOPTTYPE_FUNCTIONPOINT), "the option takes no function");
        check(curl_multi_setopt(get(), option, value), "be told of the event loop");
    }

private:
    template <CURLMoption option>
    static constexpr bool takes(int type) {
        return option / 10'000 == type / 10'000;
    }

    struct cleanup {
        void operator()(CURLM* handle) const noexcept {
            const process_gate::in_libcurl stay;
            curl_multi_cleanup(handle);
        }
    };
    std::unique_ptr<CURLM, cleanup> handle_;
};

/// Keeps the connections of the handles that use it apart from all others. libcurl lets a request join a connection
/// that is still being made for another one, and when that turns out to carry one request at a time, answers go to the
/// wrong requests (seen in 7.88). Handles must have let go of it before it goes.
class connection_cache {
public:
    connection_cache();

    [[nodiscard]] CURLSH* get() const noexcept { return handle_.get(); }

private:
    struct cleanup {
        void operator()(CURLSH* handle) const noexcept {
            const process_gate::in_libcurl stay;
            curl_share_cleanup(handle);
        }
    };
    std::unique_ptr<CURLSH, cleanup> handle_;
};

/// A list of header lines. As credentials are among them, their memory is overwritten at the end.
class header_list {
public:
    void append(const char* line);
    [[nodiscard]] const curl_slist* get() const noexcept { return list_.get(); }

private:
    struct cleanup {
        void operator()(curl_slist* list) const noexcept;
    };
    std::unique_ptr<curl_slist, cleanup> list_;
};

}  // namespace logferry::transport
