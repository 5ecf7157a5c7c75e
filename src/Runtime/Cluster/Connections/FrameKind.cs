namespace Auie.Runtime.Cluster;

/// <summary>What a frame is. The numbers are those on the wire; one that is not known is passed over.</summary>
internal enum FrameKind : byte
{
    /// <summary>The first one in each direction: who speaks, and how. See <see cref="Cluster.Hello"/>.</summary>
    Hello = 1,

    /// <summary>That the sender knows the secret.</summary>
    Proof = 2,

    /// <summary>A call of a grain.</summary>
    Call = 3,

    /// <summary>The result of a call, or its failure. Each call gets one of this or <see cref="NotHere"/>, one-way calls too.</summary>
    Answer = 4,

    /// <summary>The call was not executed: its grain is not served here.</summary>
    NotHere = 5,

    /// <summary>The caller has given up.</summary>
    Cancel = 6,

    /// <summary>What the sender knows of the cluster.</summary>
    View = 7,

    /// <summary>The last one: why the connection ends.</summary>
    Goodbye = 8,
}
