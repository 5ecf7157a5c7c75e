using Auie.Runtime.Invocation;

namespace Auie.Runtime.Hosting;

/// <summary>Carries calls to grains that are reached by bytes.</summary>
internal interface ITransport
{
    /// <summary>Sends a call that has begun. Its waiter is told whatever becomes of it.</summary>
    void Send(GrainCall call);
}
