BeforeDiscovery {
    # what a parameter is decides what completes it: its type, else its name
    $byType = @{
        CidArgument       = 'CidCompleter'
        PeerArgument      = 'PeerCompleter'
        MultiaddrArgument = 'AddressCompleter'
        NodeArgument      = 'NodeCompleter'
    }
    # these read files and graphs: the names in a folder are completed, too
    $readers = 'Add-BitswapPin', 'Export-BitswapCar', 'Get-BitswapBlock', 'Get-BitswapContent', 'Get-BitswapFile', 'Get-BitswapLink', 'Publish-BitswapName', 'Save-BitswapFile', 'Show-BitswapDag', 'Test-BitswapDag'
    $byName = @{
        Codec           = 'CodecCompleter'
        HashAlgorithm   = 'HashCompleter'
        Base            = 'BaseCompleter'
        ProtocolVersion = 'ProtocolVersionCompleter'
        BlockStore      = 'StoreCompleter'
        ListenAddress   = 'ListenAddressCompleter'
        Router          = 'RouterCompleter'
        Option          = 'OptionCompleter'
    }
    Import-Module "$PSScriptRoot/../../Bitswap.psd1"
    $parameters = foreach ($command in (Get-Module Bitswap).ExportedCmdlets.Values) {
        foreach ($parameter in $command.Parameters.Values) {
            $type = $parameter.ParameterType.IsArray ? $parameter.ParameterType.GetElementType() : $parameter.ParameterType
            $completer = $byName[$parameter.Name] ?? $byType[$type.Name]
            if ($completer -eq 'CidCompleter' -and $command.Name -in $readers) { $completer = 'ContentCompleter' }
            if ($completer) {
                @{ command = $command.Name; parameter = $parameter.Name; completer = $completer }
            }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # What Tab offers at the end of a line.
    function Get-Completion {
        param([string] $Line)

        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches
    }
}
AfterAll { Clear-Nodes }

Describe 'A parameter' {
    It '<command> -<parameter> is completed' -ForEach $parameters {
        $attributes = (Get-Command $command).Parameters[$parameter].Attributes
        $found = $attributes | Where-Object { $_ -is [Management.Automation.ArgumentCompleterAttribute] }
        $found | Should -Not -BeNullOrEmpty
        $found.Type.Name | Should -Be $completer
    }

    It 'of each kind is among those that were looked at' -ForEach @{ count = @($parameters).Count; kinds = @($parameters.completer | Sort-Object -Unique) } {
        $count | Should -BeGreaterThan 25
        $kinds | Should -HaveCount 13
    }
}

Describe 'Tab' {
    BeforeAll {
        $pair = New-NodePair
        $stored = 'to be completed' | Add-BitswapBlock -Node $pair.Client
        $wanted = New-UnknownCid
        $other = Start-BitswapNode -Name waits -Peer $pair.Provider
        Wait-Until { $other.Peers.Count -eq 1 }
        $null = Start-BitswapWant $wanted -Node $other
    }
    AfterAll { Clear-Nodes }

    It 'offers the CIDs that are stored and wanted' {
        (Get-Completion "Get-BitswapBlock -Node $($pair.Client.Name) -Cid ").CompletionText | Should -Contain "$($stored.Cid)"
        (Get-Completion "Get-BitswapBlock -Node waits -Cid $("$wanted".Substring(0, 12))").CompletionText | Should -Contain "$wanted"
        Get-Completion "Get-BitswapBlock -Node waits -Cid zzzz" | Should -BeNullOrEmpty
    }

    It 'offers peers, addresses and nodes' {
        (Get-Completion "Test-BitswapPeer -Node $($pair.Client.Name) -Peer ").CompletionText | Should -Contain "$($pair.Provider.PeerId)"
        (Get-Completion 'Connect-BitswapPeer -Address ').CompletionText | Should -Contain "$($pair.Provider.Addresses[0])"
        (Get-Completion 'Get-BitswapStat -Node wa').CompletionText | Should -Be 'waits'
        (Get-Completion 'Start-BitswapNode -ListenAddress /ip4/127').CompletionText | Should -Be '/ip4/127.0.0.1/tcp/0'
    }

    It 'offers names of codecs, hash functions, bases, versions and stores' {
        (Get-Completion 'Get-BitswapCid x -Codec dag-p').CompletionText | Should -Be 'dag-pb'
        (Get-Completion 'Get-BitswapCid x -HashAlgorithm sha2-2').CompletionText | Should -Contain 'sha2-256'
        (Get-Completion 'Get-BitswapCid x -Base base58b').CompletionText | Should -Be 'base58btc'
        (Get-Completion 'Start-BitswapNode -ProtocolVersion 1.2').CompletionText | Should -Be '1.2.0'
        (Get-Completion 'Start-BitswapNode -BlockStore M').CompletionText | Should -Contain 'Memory'
    }
}

Describe 'Tab, with several nodes' {
    BeforeAll {
        $one = Start-BitswapNode -Name one -Router https://router.example/
        $two = Start-BitswapNode -Name two
        $null = Connect-BitswapPeer $one -Node $two
        $first = 'of the first' | Add-BitswapBlock -Node $one
        $second = 'of the second' | Add-BitswapBlock -Node $two
        $source = New-TemporaryFolder
        Set-Content -LiteralPath "$source/name.txt" -Value 'in a folder'
        $folder = Add-BitswapFile $source -Recurse -Node $two
    }
    AfterAll {
        Clear-Nodes
        Remove-Item -LiteralPath $source -Recurse -Force
    }

    It 'offers the CIDs of all where none is named, and says whose they are' {
        $offered = Get-Completion 'Get-BitswapBlock -Cid '
        ($offered | Where-Object CompletionText -EQ $first.Cid).ToolTip | Should -Be '12 B, one'
        ($offered | Where-Object CompletionText -EQ $second.Cid).ToolTip | Should -Be '13 B, two'
        (Get-Completion "Get-BitswapContent $($folder.Cid)/").CompletionText | Should -Be "$($folder.Cid)/name.txt"
    }

    It 'offers those of the nodes that are named' {
        (Get-Completion 'Get-BitswapBlock -Node one -Cid ').CompletionText | Should -Be $first.Cid
        (Get-Completion 'Get-BitswapPin -Node one, two -Cid ').CompletionText | Should -Contain $second.Cid
    }

    It 'offers the peers of all' {
        (Get-Completion 'Test-BitswapPeer ').CompletionText | Sort-Object | Should -Be ($one.PeerId, $two.PeerId | Sort-Object)
        (Get-Completion 'Get-BitswapPeer -Node two -Peer ').CompletionText | Should -Be $one.PeerId
    }

    It 'offers the addresses of nodes and of peers' {
        $offered = Get-Completion 'Connect-BitswapPeer -Node two -Address '
        $offered.CompletionText | Should -Contain $one.Addresses[0]
        $offered.CompletionText | Should -Not -Contain $two.Addresses[0]
        (Get-Completion 'Start-BitswapNode -Peer ').CompletionText | Should -Contain $two.Addresses[0]
    }

    It 'offers the routers that nodes ask, and a public one: <_>' -ForEach 'Start-BitswapNode', 'Set-BitswapNode', 'Find-BitswapProvider' {
        $offered = Get-Completion "$_ -Router "
        ($offered | Where-Object CompletionText -EQ 'https://router.example/').ToolTip | Should -Be 'asked by one'
        $offered.CompletionText | Should -Contain 'https://delegated-ipfs.dev'
    }
}

Describe 'Tab for options' {
    BeforeAll {
        # what a prompt adds that is idle
        Update-TypeData -TypeData ([Bitswap.ModuleLoader]::OptionNotes()) -Force
        $table = [Bitswap.Node.Blockstores.MemoryBlockstore].Assembly.GetType('Bitswap.Node.NodeOptionTable').GetProperty('Names').GetValue($null)
        $live = [Bitswap.Node.Blockstores.MemoryBlockstore].Assembly.GetType('Bitswap.Node.NodeHost').GetProperty('LiveOptions').GetValue($null)
    }

    It 'offers every name that <Command> takes inside the table, with its help' -ForEach @{ Command = 'Start-BitswapNode' }, @{ Command = 'Set-BitswapNode' } {
        $offered = Get-Completion "$Command -Option @{ "
        $offered.CompletionText | Sort-Object | Should -Be ($Command -eq 'Start-BitswapNode' ? $table : $live | Sort-Object)
        ($offered | Where-Object CompletionText -EQ 'MaxWants').ToolTip | Should -Match 'Open wants of the node\. \(1 to 16777216; 1048576\)'
        $offered | ForEach-Object { $_.ToolTip | Should -Match '\w{3}.*\(.+\)' -Because $_.CompletionText }
    }

    It 'offers what is begun, and not what is there already' {
        (Get-Completion 'Start-BitswapNode -Option @{ MaxConn').CompletionText | Should -Be 'MaxConnections', 'MaxConnectionsPerPeer', 'MaxConnectionsPerRelay'
        (Get-Completion 'Start-BitswapNode -Option @{ UploadRate = 1MB; Upload').CompletionText | Should -BeNullOrEmpty
    }

    It 'begins the table where there is none yet' {
        $offered = Get-Completion 'Set-BitswapNode -Option Upload'
        $offered.CompletionText | Should -Be '@{ UploadRate = '
        $offered.ToolTip | Should -BeLike '* (*)'
        (Get-Completion 'Start-BitswapNode -Option ').Count | Should -Be $table.Count
    }

    It 'leaves a table, in any form, what it is' {
        $node = Start-BitswapNode -Option ([ordered]@{ uploadrate = 1MB; MaxWants = 5 })
        $node | Set-BitswapNode -Option @{ MaxWants = 6 }
        (Get-Failure { Start-BitswapNode -Option @{ NoSuch = 1 } }).FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        (Get-Failure { $node | Set-BitswapNode -Option @{ MaxConnections = 6 } }).FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        $node | Stop-BitswapNode
    }
}

Describe 'Tab for files' {
    BeforeDiscovery {
        $paths = foreach ($command in (Get-Module Bitswap).ExportedCmdlets.Values | Where-Object Name -Like '*-Bitswap*') {
            foreach ($name in 'Path', 'LiteralPath', 'Destination', 'OutFile', 'LogPath', 'BlockStore', 'StopFile') {
                if ($command.Parameters[$name]) { @{ Command = $command.Name; Parameter = $name } }
            }
        }
    }
    BeforeAll {
        $folder = New-TemporaryFolder
        $null = New-Item "$folder/some file.car" -Value 'x'
        $null = New-Item -ItemType Directory "$folder/some folder"
    }
    AfterAll { Remove-Item -LiteralPath $folder -Recurse -Force }

    It 'offers their names for <Command> -<Parameter>' -ForEach $paths {
        (Get-Completion "$Command -$Parameter $folder/so").CompletionText | Should -Contain "'$folder/some $($Parameter -eq 'BlockStore' ? 'folder' : 'file.car')'"
    }

    It 'is tried with each that takes one' -ForEach @{ count = @($paths).Count } { $count | Should -BeGreaterOrEqual 20 }
}

Describe 'Completers' {
    It 'never throw, whatever is typed: <_>' -ForEach '', "'", '"', '*', '[', "`0", ('x' * 10000), '$(', '-Node' {
        $stopped = Start-BitswapNode
        $stopped | Stop-BitswapNode
        $ast = [Management.Automation.Language.Parser]::ParseInput('Get-BitswapBlock', [ref] $null, [ref] $null).EndBlock.Statements[0].PipelineElements[0]
        $types = [Bitswap.BitswapNode].Assembly.GetExportedTypes() | Where-Object { -not $_.IsAbstract -and $_.BaseType.Name -eq 'LocalCompleter' }
        $types.Count | Should -BeGreaterOrEqual 10
        foreach ($type in $types) {
            foreach ($bound in @{}, @{ Node = 'nobody' }, @{ Node = $null }, @{ Node = 42 }, @{ Node = $stopped }, @{ Node = [object]::new() }) {
                { @($type::new().CompleteArgument('Get-BitswapBlock', 'Cid', $_, $ast, $bound)) } | Should -Not -Throw -Because $type.Name
            }
        }
    }

    It 'bear a store that fails' {
        $folder = New-TemporaryFolder
        $node = Start-BitswapNode -BlockStore "$folder/blocks" -CreateStore -Name failing
        try {
            Remove-Item -LiteralPath $folder -Recurse -Force
            { Get-Completion 'Get-BitswapBlock -Node failing -Cid ' } | Should -Not -Throw
        }
        finally {
            $node | Stop-BitswapNode
        }
    }

    It 'are quick with a hundred thousand stored blocks, and find every one' {
        $node = Start-BitswapNode -Name full
        & { for ($i = 0; $i -lt 100000; $i++) { "block $i" } } | Add-BitswapBlock -Node $node | Select-Object -Last 1 -Wait | Set-Variable last
        # the first one loads code
        $null = Get-Completion 'Get-BitswapBlock -Node full -Cid b'
        $missed = 0
        $times = foreach ($try in 1..5) {
            (Measure-Command { $script:found = Get-Completion "Get-BitswapBlock -Node full -Cid $("$($last.Cid)".Substring(0, 20))" }).TotalMilliseconds
            if ("$($found.CompletionText)" -ne "$($last.Cid)") { $missed++ }
        }
        $best = ($times | Measure-Object -Minimum).Minimum
        Write-Host ('    one of 100 000 CIDs by its first 20 letters: {0:0} ms' -f $best)
        $best | Should -BeLessThan 250
        # who looks through all of them gives up first, each time
        $missed | Should -BeLessThan 5
        @(Get-Completion 'Get-BitswapBlock -Node full -Cid b').Count | Should -BeLessOrEqual 201
        $node | Stop-BitswapNode
    }

    It 'find a stored block by the CID of the codec that is typed, and what is pinned by its own' {
        $folder = New-TemporaryFolder
        $node = Start-BitswapNode -Name codecs -BlockStore $folder
        try {
            $graph = Add-BitswapBlock '{"a":1}' -Codec dag-json -Node $node
            $null = 1..50 | ForEach-Object { "beside $_" } | Add-BitswapBlock -Node $node
            (Get-Completion "Get-BitswapFile -Node codecs -Cid $("$($graph.Cid)".Substring(0, 16))").CompletionText | Should -Be "$($graph.Cid)"
            (Get-Completion 'Get-BitswapBlock -Node codecs -Cid bafk').Count | Should -Be 51
            (Get-Completion 'Get-BitswapBlock -Node codecs -Cid ').CompletionText | Should -Not -Contain "$($graph.Cid)"
            $graph | Add-BitswapPin -Name kept -Node $node
            $offered = Get-Completion 'Get-BitswapBlock -Node codecs -Cid ' | Where-Object CompletionText -EQ "$($graph.Cid)"
            $offered.ToolTip | Should -Be 'pinned: kept'
        }
        finally {
            $node | Stop-BitswapNode
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}
