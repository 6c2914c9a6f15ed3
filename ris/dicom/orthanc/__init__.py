"""The Orthanc that Isocenter runs beside itself: its configuration, its process, and what its hook says."""
