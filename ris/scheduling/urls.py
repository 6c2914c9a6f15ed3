from __future__ import annotations

from django.urls import path

from ris.scheduling.views import appointments, bedside, board, calendar, calendar_file, hours, walkin, weekly

app_name = "scheduling"
urlpatterns = [
    path("", board.day, name="day"),
    path("board/", board.board, name="board"),
    path("call-backs/<int:call_back_id>/done/", board.call_back_done, name="call-back-done"),
    path("calendar/", calendar.page, name="calendar"),
    path("calendar/events/", calendar.events, name="calendar-events"),
    path("calendar/waiting/", calendar.waiting, name="calendar-waiting"),
    path("calendar/book/<int:procedure_id>/", calendar.book, name="calendar-book"),
    path("calendar/<int:appointment_id>/place/", calendar.place, name="calendar-place"),
    path("calendar/<int:appointment_id>/undo/", calendar.undo, name="calendar-undo"),
    path("times/", hours.times, name="times"),
    path("times/week/<int:room_id>/", weekly.week, name="week"),
    path("times/<slug:kind>/<int:row_id>/remove/", hours.remove, name="times-remove"),
    path("walk-in/<int:patient_id>/", walkin.walk_in, name="walk-in"),
    path("book/<int:procedure_id>/", appointments.book, name="book"),
    path("book/<int:procedure_id>/overbook/", appointments.overbook, name="overbook"),
    path("<int:appointment_id>/", appointments.appointment, name="appointment"),
    path("<int:appointment_id>/appointment.ics", calendar_file.calendar_file, name="calendar-file"),
    path("<int:appointment_id>/move/", appointments.move, name="move"),
    path("<int:appointment_id>/bedside/", bedside.bedside, name="bedside"),
    path("<int:appointment_id>/cancel/", appointments.cancel, name="cancel"),
    path("<int:appointment_id>/arrive/", appointments.arrive, name="arrive"),
    path("<int:appointment_id>/miss/", appointments.miss, name="miss"),
    path("<int:appointment_id>/restore/", appointments.restore, name="restore"),
    path("<int:appointment_id>/reopen/", appointments.reopen, name="reopen"),
]
