"""Live plots: growing series, their smoothing and decimation, and the widget that draws them."""
