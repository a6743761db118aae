#include <vendors/make_vendor.hpp>

#include <vendors/makers.hpp>

namespace logferry::vendors {
namespace {

struct maker {
    const vendor_context& context;
    std::vector<config_problem>& problems;

    std::shared_ptr<vendor> operator()(const logsfori& o) const { return make_logsfori(o, context, problems); }
    std::shared_ptr<vendor> operator()(const logsh& o) const { return make_logsh(o, context, problems); }
    std::shared_ptr<vendor> operator()(const logsentry& o) const { return make_logsentry(o, context, problems); }
    std::shared_ptr<vendor> operator()(const profound& o) const { return make_profound(o, context, problems); }
    std::shared_ptr<vendor> operator()(const logwire& o) const { return make_logwire(o, context, problems); }
    std::shared_ptr<vendor> operator()(const std::shared_ptr<vendor>& own) const {
        if (!own) problems.push_back({context.path + "vendor", "is a null pointer; give a vendor object"});
        return own;
    }
};

}  // namespace

std::shared_ptr<vendor> make_vendor(const vendor_options& options, const vendor_context& context,
                                    std::vector<config_problem>& problems) {
    const auto before = problems.size();
    auto made = std::visit(maker{context, problems}, options);
    return problems.size() == before ? made : nullptr;
}

}  // namespace logferry::vendors
