using Auie.Core.Users;

namespace Auie.Core.Tests.Users;

/// <summary>What a store holds of one user's state after the snapshots that it was given.</summary>
internal sealed class StoredState
{
    private readonly Dictionary<(byte, string), UserChunk> _chunks = [];

    public byte[] Head { get; private set; } = [];

    public IEnumerable<(byte, string)> Names => _chunks.Keys.Order();

    public void Write(StateSnapshot snapshot)
    {
        Head = snapshot.Head;
        foreach (var chunk in snapshot.Chunks)
        {
            if (chunk.Data is null)
                _chunks.Remove((chunk.Map, chunk.FirstKey));
            else
                _chunks[(chunk.Map, chunk.FirstKey)] = chunk;
        }
    }

    public UserState Load() => UserState.Load(Head, _chunks.Values.Reverse());
}
