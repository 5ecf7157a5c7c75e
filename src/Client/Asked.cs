namespace Auie.Client;

/// <summary>What <see cref="AskAgain"/> has to know of what is asked.</summary>
public sealed record Asked
{
    /// <summary>How long it may take in all; null: as long as a call.</summary>
    public TimeSpan? Longest { get; init; }

    /// <summary>Whether a part of the answer has been given, which cannot be taken back; null: it is given as a whole.</summary>
    public Func<bool>? HasBegun { get; init; }

    /// <summary>Takes the source of the token that it was asked by, where what is answered with is a stream, which goes on by that; null: it is disposed of with the answer.</summary>
    public Action<IDisposable>? Keep { get; init; }
}
