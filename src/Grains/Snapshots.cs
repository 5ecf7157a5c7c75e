using Auie.Abstractions;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>What a flush writes of a user, as a message.</summary>
internal static class Snapshots
{
    public static UserSnapshot Of(string user, UserState state)
    {
        var snapshot = state.TakeSnapshot();
        return new UserSnapshot(user, snapshot.Offset, snapshot.Head,
            Array.ConvertAll(snapshot.Chunks, chunk => new StateChunk(chunk.Map, chunk.FirstKey, chunk.Data)), Facts.RowOf(state.Head), state.Head.Traits.Locale)
        {
            Rhythm = state.Head.Rhythm.Encode(),
            Trail = state.Head.Trail.Encode(),
            Place = state.Head.Traits.Place,
        };
    }
}
