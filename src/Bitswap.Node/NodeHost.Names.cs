using Bitswap.Node.Names;
using Bitswap.Node.Repositories;

namespace Bitswap.Node;

/// <content>Publishing names.</content>
public sealed partial class NodeHost
{
    private NameRepublisher? _republisher;

    /// <summary>Gets the keys that names are published with.</summary>
    internal KeyStore Keys { get; }

    /// <summary>Gets what is published of their names.</summary>
    internal PublishedNames PublishedNames { get; }

    /// <summary>Gets what publishes them.</summary>
    internal NamePublisher NamePublisher { get; }

    /// <summary>Gets how long after a name was published it is published again; zero for never.</summary>
    internal TimeSpan NameRepublishInterval => _options.Routing.NameRepublishInterval;

    // A repository that cannot be written to is shared, and none of those who read it counts up its records.
    private void StartRepublishing()
    {
        if (NameRepublishInterval > TimeSpan.Zero && _repository is not { IsReadOnly: true })
        {
            _republisher = new NameRepublisher(Keys, PublishedNames, NamePublisher, NameRepublishInterval, _options.Clock, _log);
        }
    }
}
