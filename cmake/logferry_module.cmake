set(LOGFERRY_MODULE_FLAGS "" CACHE STRING "Flags for the library's and the emulator's own code, after those of all code")
separate_arguments(module_flags NATIVE_COMMAND "${LOGFERRY_MODULE_FLAGS}")

# logferry_module(<name> SOURCES ... [USES <modules>] [LIBRARIES <targets>])
#
# One room of the house: an object library whose headers only those see that name it in USES. The public headers in
# include/ are visible to all; which of them a room may include is checked by tests/style/include_rule.
function(logferry_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(logferry_${name} OBJECT ${arg_SOURCES})
  target_compile_features(logferry_${name} PRIVATE cxx_std_20)
  set_target_properties(logferry_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
  target_compile_options(logferry_${name} PRIVATE ${module_flags})
  target_include_directories(logferry_${name}
    PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/sinks/${name}/include)
  foreach(used IN LISTS arg_USES)
    target_include_directories(logferry_${name} PRIVATE ${PROJECT_SOURCE_DIR}/sinks/${used}/include)
  endforeach()
  target_link_libraries(logferry_${name} PRIVATE ${arg_LIBRARIES})
  target_sources(logferry PRIVATE $<TARGET_OBJECTS:logferry_${name}>)
  set_property(GLOBAL APPEND PROPERTY LOGFERRY_MODULES ${name})
endfunction()
