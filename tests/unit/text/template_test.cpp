#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <text/template.hpp>

namespace logferry::text {
namespace {

std::string problem_with(std::string_view source) {
    std::string problem = "not yet parsed";
    const text_template parsed = text_template::parse(source, problem);
    EXPECT_TRUE(problem.empty() || parsed.empty()) << "a broken template must render nothing";
    return problem;
}

/// Renders with each placeholder shown as `<name|argument>`.
std::string rendered(std::string_view source) {
    std::string problem;
    const text_template parsed = text_template::parse(source, problem);
    EXPECT_EQ(problem, "");
    std::string out;
    parsed.render(out, [](std::string_view name, std::string_view argument, std::string& to) {
        to.append("<").append(name).append("|").append(argument).append(">");
    });
    return out;
}

TEST(Template, CopiesLiteralText) {
    EXPECT_EQ(rendered(""), "");
    EXPECT_EQ(rendered("log"), "log");
    EXPECT_EQ(rendered("größer: 日本語"), "größer: 日本語");
}

TEST(Template, FillsPlaceholders) {
    EXPECT_EQ(rendered("{logger}.{level}"), "<logger|>.<level|>");
    EXPECT_EQ(rendered("{field:user_id}"), "<field|user_id>");
    EXPECT_EQ(rendered("{field:a:b}"), "<field|a:b>") << "the first colon divides";
    EXPECT_EQ(rendered("{field:}"), "<field|>");
    EXPECT_EQ(rendered("a{b}{c}d"), "a<b|><c|>d");
}

TEST(Template, WritesDoubledBracesAsBraces) {
    EXPECT_EQ(rendered("{{}}"), "{}");
    EXPECT_EQ(rendered("{{logger}}"), "{logger}");
    EXPECT_EQ(rendered("{{{logger}}}"), "{<logger|>}");
    EXPECT_EQ(rendered("a{{b"), "a{b");
}

TEST(Template, AppendsBehindWhatIsThere) {
    std::string problem;
    std::string out = "before ";
    text_template::parse("{x}!", problem).render(out, [](auto, auto, std::string& to) { to += "1"; });
    EXPECT_EQ(out, "before 1!");
}

TEST(Template, JoinsLiteralTextIntoOnePiece) {
    std::string problem;
    EXPECT_EQ(text_template::parse("a{{b}}c", problem).pieces().size(), 1U);
    EXPECT_TRUE(text_template::parse("", problem).empty());
    EXPECT_TRUE(text_template().empty());
}

TEST(Template, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(problem_with("ok {level"), "'{' is not closed at offset 3");
    EXPECT_EQ(problem_with("{a{b}"), "'{' is not closed at offset 0");
    EXPECT_EQ(problem_with("ok {"), "'{' is not closed at offset 3");
    EXPECT_EQ(problem_with("level}"), "'}' without '{' at offset 5; a brace itself is written '}}'");
    EXPECT_EQ(problem_with("{a}}"), "'}' without '{' at offset 3; a brace itself is written '}}'");
    EXPECT_EQ(problem_with("{a}{}"), "placeholder without a name at offset 3");
    EXPECT_EQ(problem_with("{:user}"), "placeholder without a name at offset 0");
}

TEST(Template, ForgetsAnEarlierProblem) { EXPECT_EQ(problem_with("{level}"), ""); }

}  // namespace
}  // namespace logferry::text
