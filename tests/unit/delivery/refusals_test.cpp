// What the vendor will not have: too large, compressed, one record after the other; and where the records go then.
#include <unit/delivery/destination_test.hpp>

namespace logferry::test {
namespace {

using strings = std::vector<std::string>;

outcome refused_with(int code) {
    auto o = refused();
    o.detail = "HTTP " + std::to_string(code);
    return o;
}

// ---- too large ----

class too_large_for_it : public destination_test {
protected:
    /// A vendor, or the proxy in front of it, that takes bodies of `most` bytes.
    static auto up_to(std::size_t most) {
        return [most](const std::string& body) { return body.size() > most ? too_large() : delivered(); };
    }
};

TEST_F(too_large_for_it, a_size_is_learnt) {
    takes_batches(100, 41);
    for (int i = 0; i < 60; ++i) logs("a");
    const auto bodies = answers_all(up_to(25));
    ASSERT_GE(bodies.size(), 6u);
    EXPECT_EQ(bodies[0].size(), 41u);
    EXPECT_EQ(bodies[1].size(), 21u) << "a half, with what is around it";
    EXPECT_EQ(bodies[2].size(), 21u);
    for (std::size_t i = 3; i < bodies.size(); ++i) EXPECT_LE(bodies[i].size(), 20u);
    EXPECT_EQ(counts().delivered, 60u);
}

TEST_F(too_large_for_it, a_size_is_learnt_by_several_steps) {
    takes_batches(1000, 1000);
    for (int i = 0; i < 2000; ++i) logs("a");
    int refusals = 0;
    answers_all([&](const std::string& body) {
        if (body.size() <= 60) return delivered();
        ++refusals;
        return too_large();
    });
    EXPECT_EQ(counts().delivered, 2000u);
    EXPECT_LE(refusals, 31) << "all of them are pieces of the first batch: 1 + 2 + 4 + 8 + 16";
}

TEST_F(too_large_for_it, what_was_waiting_for_company_is_cut_to_the_size_as_well) {
    takes_batches(100, 41);
    in_flight(2);
    for (int i = 0; i < 20; ++i) logs("a");
    EXPECT_EQ(sends().size(), 41u);
    for (int i = 0; i < 18; ++i) logs("b");
    EXPECT_EQ(sends(), nothing);
    answers(too_large());
    const auto bodies = answers_all([](const auto&) { return delivered(); });
    for (const auto& body : bodies) EXPECT_LE(body.size(), 21u);
    EXPECT_EQ(counts().delivered, 38u);
}

TEST_F(too_large_for_it, a_record_larger_than_what_was_learnt_goes_alone) {
    takes_batches(100, 40);
    log_all({"a", "b", "c"});
    EXPECT_EQ(sends(), "[a,b,c]");
    answers(too_large());  // three bytes from now on
    logs("a long one");
    answers_all([](const auto&) { return delivered(); });
    EXPECT_EQ(counts().delivered, 4u);
    EXPECT_EQ(counts().rejected, 0u) << "the vendor has said nothing about it yet";
}

TEST_F(too_large_for_it, a_single_record_is_sent_once_more_without_its_fields) {
    logs({"a", level::info, 0, {"user", "stack"}});
    EXPECT_EQ(sends(), "a+user+stack");
    answers(too_large());
    EXPECT_EQ(sends(), "a");
    EXPECT_EQ(acme.last_seen.fields_dropped, 2u);
    EXPECT_FALSE(acme.last_seen.message_clipped);
    EXPECT_EQ(counts().clipped, 1u);
    answers(delivered());
    EXPECT_EQ(counts().delivered, 1u);
    EXPECT_TRUE(letters.kept.empty());
}

TEST_F(too_large_for_it, a_single_record_is_sent_once_more_with_the_beginning_of_its_message) {
    takes_batches(1, 100'000);
    logs(std::string(10'000, 'x'));
    sends();
    answers(too_large());
    EXPECT_EQ(sends(), "[" + std::string(4096, 'x') + "]");
    EXPECT_TRUE(acme.last_seen.message_clipped);
    answers(too_large(), status(413));
    EXPECT_EQ(counts().rejected, 1u) << "once";
    EXPECT_EQ(letters.kept, strings{"413 HTTP 413: " + std::string(10'000, 'x')}) << "the whole of it is kept";
    EXPECT_EQ(told(event::kind::rejected), 1u);
}

TEST_F(too_large_for_it, a_record_that_cannot_shrink_is_not_sent_again) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    answers(too_large(), status(413));
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_EQ(letters.kept, strings{"413 HTTP 413: a"});
}

TEST_F(too_large_for_it, a_record_that_cannot_be_read_now_waits) {
    logs({"a", level::info, 0, {"user"}});
    EXPECT_EQ(sends(), "a+user");
    source.hide(true);
    for (int round = 0; round < 3; ++round) {
        answers(too_large(), status(413));
        EXPECT_EQ(sends(), nothing) << "not at once";
        const auto wait = wakes_in();
        ASSERT_TRUE(wait);
        pass(*wait);
        EXPECT_EQ(sends(), "a+user");
    }
    source.hide(false);
    answers(too_large(), status(413));
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    EXPECT_EQ(counts().rejected, 0u);
    EXPECT_EQ(counts().delivered, 1u);
}

TEST_F(too_large_for_it, a_record_whose_bytes_are_gone_cannot_shrink) {
    logs({"a", level::info, 0, {"user"}});
    EXPECT_EQ(sends(), "a+user");
    source.lose(1);
    answers(too_large(), status(413));
    EXPECT_EQ(counts().rejected, 1u);
    EXPECT_EQ(letters.kept, strings{"413 HTTP 413: (gone)"});
}

TEST_F(too_large_for_it, a_shrunk_record_is_whole_again_for_another_credential_and_may_shrink_again) {
    logs({"a", level::info, 0, {"user"}});
    EXPECT_EQ(sends(), "a+user");
    answers(too_large());
    EXPECT_EQ(sends(), "a");
    answers(paused(outcome::pause::auth));
    renews("!");
    EXPECT_EQ(sends(), "a+user!");
    answers(too_large());
    EXPECT_EQ(sends(), "a!");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 1u);
}

// ---- one record after the other ----

class a_run_of_refusals : public destination_test {
protected:
    void refuses(int n) {
        for (int i = 0; i < n; ++i) {
            EXPECT_EQ(sends(), "bad");
            answers(refused_with(400), status(400));
        }
    }
    void logs_bad(int n) {
        for (int i = 0; i < n; ++i) logs("bad");
    }
};

TEST_F(a_run_of_refusals, makes_the_destination_rest) {
    logs_bad(12);
    refuses(10);
    EXPECT_EQ(counts().rejected, 10u);
    EXPECT_EQ(told(event::kind::paused), 0u);
    refuses(1);
    EXPECT_EQ(counts().rejected, 10u) << "the eleventh is kept";
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(wakes_in(), 60s);
    ASSERT_EQ(told(event::kind::paused), 1u);
    EXPECT_EQ(events.back().text,
              "acme cannot be used as configured (HTTP 400 (one record after the other is refused)); records are kept; "
              "next try in 60 s");
}

TEST_F(a_run_of_refusals, costs_one_record_a_rest) {
    logs_bad(20);
    refuses(11);
    auto rest = 60s;
    for (std::size_t lost = 11; lost <= 14; ++lost) {
        EXPECT_EQ(wakes_in(), rest);
        pass(rest);
        refuses(1);
        EXPECT_EQ(counts().rejected, lost) << "it has had its second chance";
        refuses(1);  // the next one is doubted, and kept
        EXPECT_EQ(counts().rejected, lost);
        rest *= 2;
    }
    EXPECT_EQ(told(event::kind::paused), 1u);
}

TEST_F(a_run_of_refusals, ends_with_a_good_one) {
    logs_bad(11);
    refuses(11);
    log_all({"good", "good"});
    logs_bad(11);
    pass(60s);
    refuses(1);
    EXPECT_EQ(sends(), "good");
    answers(delivered());
    EXPECT_EQ(told(event::kind::resumed), 1u);
    EXPECT_EQ(sends(), "good");
    answers(delivered());
    refuses(10);
    EXPECT_EQ(counts().rejected, 21u) << "a new run";
    refuses(1);
    EXPECT_EQ(told(event::kind::paused), 2u);
}

TEST_F(a_run_of_refusals, is_none_when_good_ones_are_between) {
    for (int i = 0; i < 50; ++i) log_all({"bad", "good"});
    answers_all([](const auto& body) { return body == "bad" ? refused() : delivered(); });
    EXPECT_EQ(counts().delivered, 50u);
    EXPECT_EQ(counts().rejected, 50u);
    EXPECT_EQ(told(event::kind::paused), 0u);
}

TEST_F(a_run_of_refusals, ends_when_somebody_mends_the_destination) {
    logs_bad(30);
    refuses(11);
    renews("");
    refuses(10);
    EXPECT_EQ(counts().rejected, 20u);
    refuses(1);
    EXPECT_EQ(counts().rejected, 20u);
}

TEST_F(a_run_of_refusals, of_a_whole_batch_loses_no_more) {
    takes_batches(64);
    for (int i = 0; i < 64; ++i) logs("bad");
    while (sends() != nothing) answers(refused());
    EXPECT_EQ(counts().rejected, 10u);
    EXPECT_EQ(machine().unsettled(), 54u);
}

// ---- compressed ----

class compressed : public destination_test {
protected:
    void SetUp() override { chosen.gzip = true; }
};

TEST_F(compressed, bodies_are_asked_for) {
    logs("a");
    EXPECT_EQ(sends(), "a");
    EXPECT_TRUE(last.gzip);
    answers(retry());
    pass(1min);
    sends();
    EXPECT_TRUE(last.gzip);
}

TEST_F(compressed, a_body_that_is_refused_goes_again_at_once_and_plain) {
    for (const auto code : {400, 415, 422}) {
        SCOPED_TRACE(code);
        scripted_source own;
        own.add({"a"});
        own.add({"b"});
        int notices = 0;
        delivery::destination_machine m(
            acme, own, chosen, [] { return 0.5; },
            [&](const event& e) { notices += e.what == event::kind::notice ? 1 : 0; });
        acme.says = refused_with(code);
        auto request = m.next_request(now);
        ASSERT_TRUE(request && request->gzip);
        m.respond(request->tag, status(code), now);
        request = m.next_request(now);
        ASSERT_TRUE(request);
        EXPECT_EQ(request->body, "a");
        EXPECT_FALSE(request->gzip);
        EXPECT_EQ(notices, 1);
        m.respond(request->tag, status(code), now);
        EXPECT_EQ(m.counts().rejected, 1u) << "it was not the compression";
        request = m.next_request(now);
        ASSERT_TRUE(request);
        EXPECT_FALSE(request->gzip) << "and never again";
        EXPECT_EQ(notices, 1);
    }
}

TEST_F(compressed, batches_are_sent_again_plain_before_they_are_bisected) {
    takes_batches(2);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "[a,b]");
    answers(refused_with(415), status(415));
    EXPECT_EQ(sends(), "[a,b]");
    EXPECT_FALSE(last.gzip);
    answers(delivered());
    EXPECT_EQ(counts().delivered, 2u);
    ASSERT_EQ(told(event::kind::notice), 1u);
    EXPECT_EQ(events[0].text, "acme refused a compressed request (HTTP 415); requests go uncompressed from now on");
}

TEST_F(compressed, others_in_flight_go_again_too) {
    in_flight(3);
    log_all({"a", "b", "c"});
    for (int i = 0; i < 3; ++i) sends();
    for (int i = 0; i < 3; ++i) answers(refused_with(400), status(400));
    for (const auto* text : {"a", "b", "c"}) {
        EXPECT_EQ(sends(), text);
        EXPECT_FALSE(last.gzip);
    }
    EXPECT_EQ(told(event::kind::notice), 1u);
    EXPECT_EQ(counts().rejected, 0u);
}

TEST_F(compressed, a_refusal_while_closing_does_not_use_up_the_last_try) {
    logs("a");
    machine().begin_closing(now);
    EXPECT_EQ(sends(), "a");
    answers(refused_with(400), status(400));
    EXPECT_EQ(sends(), "a");
    answers(delivered());
    EXPECT_EQ(counts().delivered, 1u);
}

TEST_F(compressed, what_is_too_large_or_fails_goes_on_compressed) {
    takes_batches(2);
    log_all({"a", "b"});
    EXPECT_EQ(sends(), "[a,b]");
    answers(too_large(), status(413));
    EXPECT_EQ(sends(), "[a]");
    EXPECT_TRUE(last.gzip);
    answers(retry(3), status(500));
    pass(1min);
    EXPECT_EQ(sends(), "[a]");
    EXPECT_TRUE(last.gzip);
    EXPECT_EQ(told(event::kind::notice), 0u);
}

// ---- dead letters ----

class letters_nobody_takes : public destination_test {};

TEST_F(letters_nobody_takes, are_kept_with_status_and_reason) {
    logs("bad");
    sends();
    answers(refused_with(422), status(422));
    EXPECT_EQ(letters.kept, strings{"422 HTTP 422: bad"});
    EXPECT_EQ(counts().dead_lettered, 1u);
    EXPECT_EQ(counts().dead_letters_lost, 0u);
    EXPECT_EQ(counts().rejected, 1u);
}

TEST_F(letters_nobody_takes, have_no_status_when_our_own_check_refused_them) {
    takes_batches(10, 20);
    log_all({"refuse this", std::string(50, 'x'), "throw"});
    EXPECT_EQ(sends(), nothing);
    EXPECT_EQ(letters.kept,
              (strings{"0 it has no host: refuse this", "0 it is larger than a request may be: " + std::string(50, 'x'),
                       "0 the vendor's encode threw an exception: throw"}));
}

TEST_F(letters_nobody_takes, are_not_those_that_were_filtered_or_expired) {
    chosen.delivery.max_age = 10s;
    chosen.min_level = level::info;
    logs("old");
    pass(11s);
    logs("filter");
    logs("below", level::debug);
    EXPECT_EQ(sends(), nothing);
    EXPECT_TRUE(letters.kept.empty());
    EXPECT_EQ(counts().dead_lettered + counts().dead_letters_lost, 0u);
}

TEST_F(letters_nobody_takes, have_no_content_when_the_bytes_are_gone) {
    logs("bad");
    sends();
    source.lose(1);
    answers(refused_with(400), status(400));
    EXPECT_EQ(letters.kept, strings{"400 HTTP 400: (gone)"});
    EXPECT_EQ(counts().dead_lettered, 1u);
}

TEST_F(letters_nobody_takes, are_counted_as_lost_when_they_could_not_be_kept) {
    letters.full = true;
    logs("bad");
    sends();
    answers(refused(), status(400));
    EXPECT_EQ(counts().dead_lettered, 0u);
    EXPECT_EQ(counts().dead_letters_lost, 1u);
    EXPECT_EQ(counts().rejected, 1u);
}

TEST_F(letters_nobody_takes, are_counted_as_lost_without_a_keeper) {
    keeper = nullptr;
    logs("bad");
    sends();
    answers(refused(), status(400));
    EXPECT_EQ(counts().dead_letters_lost, 1u);
}

}  // namespace
}  // namespace logferry::test
