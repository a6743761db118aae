# What a user gets: the library, the adapters' targets, the emulator's library where it was built, and the public headers.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(targets logferry logferry_spdlog)
if(TARGET logferry_emulator)
  list(APPEND targets logferry_emulator)
endif()
install(TARGETS ${targets} EXPORT logferry_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET logferry-emulator)
  install(TARGETS logferry-emulator RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/logferry DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT logferry_targets NAMESPACE logferry:: FILE logferry_targets.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/logferry)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/logferry-config.cmake.in ${PROJECT_BINARY_DIR}/logferry-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/logferry)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/logferry-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/logferry-config.cmake ${PROJECT_BINARY_DIR}/logferry-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/logferry)
