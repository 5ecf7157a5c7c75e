using System.Collections.Concurrent;

namespace Auie.Runtime.Invocation;

/// <summary>
/// The idle call objects of one method: each thread keeps some, and threads exchange chains of them, since the thread that makes calls is often
/// not the one that finishes them.
/// </summary>
/// <remarks>Generated code keeps one pool a method, and one <see cref="Local"/> a thread and method.</remarks>
public sealed class CallPool
{
    private const int Chain = 64;
    private const int MaxChains = 256;

    private readonly ConcurrentBag<GrainCall> _chains = [];
    private int _chainCount;

    /// <summary>One thread's share of a pool.</summary>
    public sealed class Local(CallPool pool)
    {
        private GrainCall? _first, _full;
        private int _count;

        /// <summary>An idle call, or null where a new one has to be made.</summary>
        public GrainCall? Take()
        {
            var taken = _first;
            if (taken is null)
            {
                taken = _full ?? pool.TakeChain();
                if (taken is null)
                    return null;
                _full = null;
                _count = Chain;
            }

            _first = (GrainCall?)taken.Next;
            _count--;
            taken.Next = null;
            return taken;
        }

        internal void Give(GrainCall call)
        {
            call.Next = _first;
            _first = call;
            if (++_count < Chain)
                return;
            if (_full is not null)
                pool.GiveChain(_full);
            _full = _first;
            _first = null;
            _count = 0;
        }
    }

    private GrainCall? TakeChain()
    {
        if (!_chains.TryTake(out var chain))
            return null;
        Interlocked.Decrement(ref _chainCount);
        return chain;
    }

    private void GiveChain(GrainCall chain)
    {
        if (Interlocked.Increment(ref _chainCount) <= MaxChains)
        {
            _chains.Add(chain);
            return;
        }

        Interlocked.Decrement(ref _chainCount);
        for (GrainCall? call = chain, next; call is not null; call = next)
        {
            next = (GrainCall?)call.Next;
            call.Next = null;
            CallTable.Remove(call);
        }
    }
}
