using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// By when every silo goes by what one has published. Each looks up which version is published once in <see cref="EngineOptions.PublicationAge"/>, by its own monotonic
/// clock and counted from before it asked. So as long after a publication none takes the version before for the published one any more, whether it can be reached or not.
/// </summary>
public sealed class Publications(IEngineStore store, TimeProvider time, IOptions<EngineOptions> options)
{
    /// <summary>For clocks that do not go quite alike, and timers that are early.</summary>
    private const double Margin = 1.1;

    /// <summary>Whether what was read at that moment, or after it, is recent enough to be gone by.</summary>
    public bool IsRecent(long readAt) => time.GetElapsedTime(readAt) < options.Value.PublicationAge;

    /// <summary>Ends when every silo that is asked from then on goes by what was published before this was called; at once where this silo is the only one.</summary>
    public Task SeenByAllAsync() => store.IsShared ? Task.Delay(options.Value.PublicationAge * Margin, time) : Task.CompletedTask;
}
