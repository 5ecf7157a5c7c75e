using Auie.Runtime.Invocation;

namespace Auie.Runtime.Cluster;

/// <summary>What stands behind the connections of a process: takes the calls that come in, and looks for another way for those that could not go out. Called on
/// the threads that read; must not block.</summary>
internal interface IConnectionOwner
{
    /// <summary>A connection is there, and may be sent on. Nothing has come in on it yet.</summary>
    void Opened(Connection connection);

    /// <summary>A connection is no more. Told once for each that was opened.</summary>
    void Closed(Connection connection);

    /// <summary>Takes a call that came in, which has begun and is answered to where it came from. Once true is said, or the call was touched, it is not the connection's
    /// any more.</summary>
    /// <returns>False where the grain is not served here: nothing was executed, and the other end is told so.</returns>
    bool TryDeliver(GrainCall call, GrainId target);

    /// <summary>Whether a call comes of a grain whose slot this process is handing over: the other end is told so.</summary>
    bool IsHandingOver(GrainCall call);

    /// <summary>Takes back a call that was certainly not executed at the other end, and that still waits for an answer: its grain is not served there, or the
    /// connection ended before the call left.</summary>
    void Returned(GrainCall call);

    /// <summary>The other end tells what it knows of the cluster. The bytes are valid until this returns.</summary>
    void ViewReceived(Connection from, ReadOnlySpan<byte> view);
}
