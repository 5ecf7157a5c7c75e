namespace Auie.Client;

/// <summary>A client's connections with its cluster.</summary>
public interface IClusterConnection
{
    /// <summary>Whether any silo is connected to.</summary>
    bool IsOpen { get; }

    /// <summary>Which setting of this process no silo may let it in for; null else, or where it is not known. Anybody may read it.</summary>
    string? Refusal { get; }
}
