# What a user gets: the library, the emulator's library and program where they were built, and the public headers. The
# adapters are headers; logferry-config.cmake makes their targets.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/logferry)

install(TARGETS logferry EXPORT logferry_targets)
install(EXPORT logferry_targets NAMESPACE logferry:: DESTINATION ${package_directory})
# Apart, so that who does not use the emulator does not need what it needs.
if(TARGET logferry_emulator)
  install(TARGETS logferry_emulator EXPORT logferry_emulator_targets)
  install(EXPORT logferry_emulator_targets NAMESPACE logferry:: DESTINATION ${package_directory})
  install(TARGETS logferry-emulator)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/logferry DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/logferry-config.cmake.in ${PROJECT_BINARY_DIR}/logferry-config.cmake
  INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/logferry-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/logferry-config.cmake
  ${PROJECT_BINARY_DIR}/logferry-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/logferry_needs.cmake
  DESTINATION ${package_directory})
