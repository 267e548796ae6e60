namespace GenApi.Bench;

/// <summary>A part can't be measured: the figure would not be what the table says.</summary>
internal sealed class BenchException(string message) : Exception(message);
