"""Quick measurements, fit for every change."""
