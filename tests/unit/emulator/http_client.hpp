// One kept-alive connection to the emulator, by libcurl.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

namespace logferry {

struct http_answer {
    CURLcode code = CURLE_OK;
    long status = 0;
    std::string headers;
    std::string body;
    /// Connections that had to be opened for it.
    long connects = 0;
};

class http_client {
public:
    http_answer post(const std::string& url, const std::string& body, const std::vector<std::string>& headers) {
        reset(url, headers);
        curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(handle_.get(), CURLOPT_COPYPOSTFIELDS, body.c_str());
        return perform();
    }
    http_answer get(const std::string& url) {
        reset(url, {});
        return perform();
    }
    /// Without a body.
    http_answer send(const std::string& method, const std::string& url) {
        reset(url, {});
        curl_easy_setopt(handle_.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
        return perform();
    }

private:
    static std::size_t append(const char* data, std::size_t, std::size_t size, void* to) {
        static_cast<std::string*>(to)->append(data, size);
        return size;
    }

    void reset(const std::string& url, const std::vector<std::string>& headers) {
        curl_easy_reset(handle_.get());
        list_.reset();
        for (const auto& line : headers) list_.reset(curl_slist_append(list_.release(), line.c_str()));
        curl_easy_setopt(handle_.get(), CURLOPT_URL, url.c_str());
        curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, list_.get());
        curl_easy_setopt(handle_.get(), CURLOPT_NOPROXY, "*");
        curl_easy_setopt(handle_.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle_.get(), CURLOPT_TIMEOUT, 300L);
    }

    http_answer perform() {
        http_answer got;
        curl_easy_setopt(handle_.get(), CURLOPT_WRITEFUNCTION, append);
        curl_easy_setopt(handle_.get(), CURLOPT_WRITEDATA, &got.body);
        curl_easy_setopt(handle_.get(), CURLOPT_HEADERFUNCTION, append);
        curl_easy_setopt(handle_.get(), CURLOPT_HEADERDATA, &got.headers);
        got.code = curl_easy_perform(handle_.get());
        curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &got.status);
        curl_easy_getinfo(handle_.get(), CURLINFO_NUM_CONNECTS, &got.connects);
        return got;
    }

    std::unique_ptr<CURL, void (*)(CURL*)> handle_{curl_easy_init(), curl_easy_cleanup};
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> list_{nullptr, curl_slist_free_all};
};

}  // namespace logferry
