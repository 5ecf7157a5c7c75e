namespace Auie.Client;

/// <summary>A client's connections with its cluster.</summary>
public interface IClusterConnection
{
    /// <summary>Whether any silo is connected to.</summary>
    bool IsOpen { get; }

    /// <summary>Why no silo lets this process in, where that is what it is configured to; null else, or where it is not known.</summary>
    string? Refusal { get; }
}
