namespace Auie.Client;

/// <summary>A client's connections with its cluster.</summary>
public interface IClusterConnection
{
    /// <summary>Whether any silo is connected to.</summary>
    bool IsOpen { get; }
}
