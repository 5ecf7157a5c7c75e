using Auie.Runtime.Activations;

namespace Auie.Runtime.Invocation;

/// <summary>What lies in a mailbox: a link of its intrusive list.</summary>
public abstract class WorkItem
{
    // The one below in a mailbox, or the one behind in a queue.
    internal WorkItem? Next;

    // How many lie in the mailbox up to this one.
    internal int Depth;

    private protected WorkItem()
    {
    }

    // Runs on the activation's own loop. Must not throw.
    internal abstract void Process(Activation activation);
}

/// <summary>What holds the turn of a grain while it runs, and waits for it before: a call or a timer's callback.</summary>
public abstract class Turn : WorkItem
{
    // The order of arrival among the turns that wait.
    internal long Arrival;

    private protected Turn()
    {
    }

    // How it interleaves; the same from its arrival to its end.
    internal abstract Interleaving Interleaving { get; }

    // Runs what the turn is for. An exception is the turn's failure.
    internal abstract void Run(Activation activation);

    // It threw before it returned.
    internal abstract void Fail(Exception exception);

    // The activation could not be made.
    internal abstract void Reject(Exception reason);

    // It is left out: nobody waits for it any more.
    internal abstract void Discard();

    // Whether it counts as a use of the grain, which puts off its collection.
    internal virtual bool KeepsAlive => true;

    // Whether nobody waits for it any more, so that it need not begin.
    internal virtual bool IsAbandoned => false;

    internal sealed override void Process(Activation activation) => activation.Admit(this);
}

/// <summary>Which turns of a grain may be under way together.</summary>
public enum Interleaving : byte
{
    /// <summary>Begins alone, and lets no other begin but those that always may.</summary>
    None,

    /// <summary>Begins beside others of its kind.</summary>
    ReadOnly,

    /// <summary>Begins at once, and holds nobody up.</summary>
    Always,
}

/// <summary>A continuation that comes back to its grain's turn.</summary>
internal sealed class Continuation : WorkItem
{
    [ThreadStatic]
    private static Continuation? t_free;

    [ThreadStatic]
    private static int t_freeCount;

    private SendOrPostCallback? _callback;
    private object? _state;

    public static Continuation Rent(SendOrPostCallback callback, object? state)
    {
        var item = t_free;
        if (item is null)
        {
            item = new();
        }
        else
        {
            t_free = (Continuation?)item.Next;
            t_freeCount--;
            item.Next = null;
        }

        item._callback = callback;
        item._state = state;
        return item;
    }

    internal override void Process(Activation activation)
    {
        var (callback, state) = (_callback!, _state);
        (_callback, _state) = (null, null);
        if (t_freeCount < 64)
        {
            Next = t_free;
            t_free = this;
            t_freeCount++;
        }

        activation.RunContinuation(callback, state);
    }
}
