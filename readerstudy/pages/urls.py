"""Addresses of the reader studies' pages, under /studies/."""

from django.urls import path

from readerstudy.pages import reading

urlpatterns = [
    path("<str:code>/read/", reading.read, name="read"),
]
