namespace Auie.Runtime.Hosting;

/// <summary>How much a host has to do.</summary>
public interface IHostLoad
{
    /// <summary>How many grains it holds, and roughly how many calls wait or are under way in them.</summary>
    (int Activations, long Pending) Read();
}
