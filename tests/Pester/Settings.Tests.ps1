# What Start-BitswapNode -Path remembers, by -Save and by hand.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder

    # A repository that is not there yet, perhaps with settings.
    function New-Repository([string] $Settings) {
        $path = Join-Path $folder ([guid]::NewGuid().ToString('N'))
        if ($Settings) {
            $null = New-Item -ItemType Directory $path
            [IO.File]::WriteAllText((Join-Path $path 'settings.json'), $Settings)
            if (-not $IsWindows) { chmod 700 $path }
        }

        $path
    }
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Start-BitswapNode -Save' {
    AfterEach { Clear-Nodes }

    It 'keeps what is given, under the names of the parameters and options, for the next start' {
        $path = New-Repository
        $friend = Start-BitswapNode -Name friend
        $log = Join-Path $path 'node.log'
        $null = New-Item -ItemType Directory $path
        if (-not $IsWindows) { chmod 700 $path }
        $first = Start-BitswapNode -Path $path -Save -Name kept -ListenAddress /ip4/127.0.0.1/tcp/0, /ip6/::1/tcp/0 -Peer $friend.Addresses[0] -Router https://router.example -Gateway http://127.0.0.1:1/base -ProtocolVersion 1.2.0 -LogPath $log -LogLevel Debug -Option @{ MaxWants = 100; UploadRate = 1MB; FilterTimeout = [timespan]::FromSeconds(2.5); DhtBootstrap = @() }
        $first | Stop-BitswapNode
        $kept = Get-Content -Raw -LiteralPath (Join-Path $path 'settings.json') | ConvertFrom-Json
        $kept.Name | Should -Be 'kept'
        $kept.ListenAddress | Should -Be '/ip4/127.0.0.1/tcp/0', '/ip6/::1/tcp/0'
        $kept.Peer | Should -Be $friend.Addresses[0]
        $kept.Router | Should -Be 'https://router.example/'
        $kept.Gateway | Should -Be 'http://127.0.0.1:1/base'
        $kept.ProtocolVersion | Should -Be '1.2.0'
        $kept.LogPath | Should -Be 'node.log' -Because 'the folder may be moved'
        $kept.LogLevel | Should -Be 'Debug'
        $kept.Option.MaxWants, $kept.Option.UploadRate, $kept.Option.FilterTimeout | Should -Be 100, 1MB, 2.5
        $kept.PSObject.Properties.Name | Should -Not -Contain 'ClientOnly'
        $kept.PSObject.Properties.Name | Should -Not -Contain 'Public'

        $lines = (Get-Content -LiteralPath $log).Count
        $second = Start-BitswapNode -Path $path
        $second.Name | Should -Be 'kept'
        $second.PeerId | Should -Be $first.PeerId
        $second.ListenAddress | Should -Be $first.ListenAddress
        Wait-Until { $second.Peers -contains $friend.PeerId }
        $second | Stop-BitswapNode
        (Get-Content -LiteralPath $log).Count | Should -BeGreaterThan $lines
    }

    It 'lets what is given come first, adds it to what is kept, and keeps nothing without -Save' {
        $path = New-Repository '{ "Name": "kept", "ClientOnly": true, "LogLevel": "Error", "Option": { "maxwants": 100, "UploadRate": 1048576 } }'
        $file = Join-Path $path 'settings.json'
        $before = Get-FileHash -LiteralPath $file
        $warned = $null
        $node = Start-BitswapNode -Path $path -Name mine -ListenAddress /ip4/127.0.0.1/tcp/0 -ClientOnly:$false -WarningVariable warned -WarningAction SilentlyContinue
        $node.Name | Should -Be 'mine'
        "$warned" | Should -Match 'LogLevel Error and no LogPath' -Because 'a level alone would do nothing, silently'
        $block = 'served' | Add-BitswapBlock -Node $node
        $other = Start-BitswapNode -Name other
        $null = Connect-BitswapPeer $node -Node $other
        (Get-BitswapBlock $block.Cid -Node $other -AsString) | Should -Be 'served'
        Clear-Nodes
        (Get-FileHash -LiteralPath $file).Hash | Should -Be $before.Hash

        Start-BitswapNode -Path $path -Save -Option @{ MaxWants = 7 } -WarningAction SilentlyContinue | Stop-BitswapNode
        $kept = Get-Content -Raw -LiteralPath $file | ConvertFrom-Json
        $kept.Name, $kept.ClientOnly, $kept.LogLevel | Should -Be 'kept', $true, 'Error'
        $kept.Option.MaxWants, $kept.Option.UploadRate | Should -Be 7, 1MB
        @($kept.Option.PSObject.Properties).Count | Should -Be 2
    }

    It 'keeps no key, seed or script, and says what it leaves out' {
        $path = New-Repository
        $warned = $null
        $node = Start-BitswapNode -Path $path -Save -Seed 'a secret seed' -Filter { $true } -WarningVariable warned -WarningAction SilentlyContinue
        $text = Get-Content -Raw -LiteralPath (Join-Path $path 'settings.json')
        $text | Should -Not -Match 'secret|Seed|Filter|Key'
        "$warned" | Should -Match '-Filter'
        $node | Stop-BitswapNode
        (Start-BitswapNode -Path $path).PeerId | Should -Be $node.PeerId -Because 'the identity is kept, in the file of the key'
    }

    It 'keeps the bound of a repository, which the next start has too' {
        $path = New-Repository
        Start-BitswapNode -Path $path -Save -Option @{ StorageMax = 32MB } | Stop-BitswapNode
        (Start-BitswapNode -Path $path | Get-BitswapStat).Storage.StorageMax | Should -Be 32MB
        Clear-Nodes

        # a store that the bound does not fit is refused by name, and not as an exception of .NET
        $failure = Get-Failure { Start-BitswapNode -Path $path -BlockStore Memory }
        $failure.FullyQualifiedErrorId | Should -Match '^InvalidOption,'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $failure.Exception.Message | Should -Match 'StorageMax'
    }

    It 'keeps nothing of a start that fails, and needs a folder' {
        $path = New-Repository
        (Get-Failure { Start-BitswapNode -Path $path -Save -Option @{ InboxCapacity = 1 } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
        Join-Path $path 'settings.json' | Should -Not -Exist
        (Get-Failure { Start-BitswapNode -Save }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
    }

    It 'keeps what -BlockStore names: <What>' -ForEach @(
        @{ What = 'Memory'; Store = 'Memory'; Kept = 'Memory' }
        @{ What = 'a folder elsewhere'; Store = $null; Kept = $null }
    ) {
        $path = New-Repository
        $store = $Store ? $Store : (New-Item -ItemType Directory (Join-Path $folder ([guid]::NewGuid()))).FullName
        Start-BitswapNode -Path $path -BlockStore $store -Save | Stop-BitswapNode
        (Get-Content -Raw -LiteralPath (Join-Path $path 'settings.json') | ConvertFrom-Json).BlockStore | Should -Be $store
        $block = 'where?' | Add-BitswapBlock -Node (Start-BitswapNode -Path $path)
        Clear-Nodes
        $found = @(Get-ChildItem -LiteralPath (Join-Path $path 'blocks') -Recurse -Filter *.data -ErrorAction SilentlyContinue)
        $found | Should -BeNullOrEmpty -Because "$($block.Cid) is in the store that is remembered"
    }
}

Describe 'settings.json' {
    AfterEach { Clear-Nodes }

    It 'may have comments and a comma too many, as a person writes it' {
        $path = New-Repository "{ // mine`n `"name`": `"byhand`", `"Option`": { `"MaxWants`": 5, }, }"
        (Start-BitswapNode -Path $path).Name | Should -Be 'byhand'
    }

    It 'is refused with its path and the name of what is wrong: <Setting>' -ForEach @(
        @{ Setting = 'Colour'; Text = '{ "Colour": "blue" }' }
        @{ Setting = 'Seed'; Text = '{ "Seed": "secret" }' }
        @{ Setting = 'Name'; Text = '{ "Name": 5 }' }
        @{ Setting = 'ListenAddress'; Text = '{ "ListenAddress": ["nowhere"] }' }
        @{ Setting = 'Peer'; Text = '{ "Peer": [5] }' }
        @{ Setting = 'Router'; Text = '{ "Router": "ftp://router.example" }' }
        @{ Setting = 'Gateway'; Text = '{ "Gateway": "https://gateway.example/?x" }' }
        @{ Setting = 'ProtocolVersion'; Text = '{ "ProtocolVersion": ["9"] }' }
        @{ Setting = 'ClientOnly'; Text = '{ "ClientOnly": "yes" }' }
        @{ Setting = 'LogLevel'; Text = '{ "LogLevel": "Loud" }' }
        @{ Setting = 'Option'; Text = '{ "Option": [] }' }
        @{ Setting = 'Option.MaxWant'; Text = '{ "Option": { "MaxWant": 5 } }' }
        @{ Setting = 'Option.MaxWants'; Text = '{ "Option": { "MaxWants": "many" } }' }
        @{ Setting = 'Option.UploadRate'; Text = '{ "Option": { "UploadRate": -1 } }' }
        @{ Setting = 'Option.InboxCapacity'; Text = '{ "Option": { "InboxCapacity": 1 } }' }
        @{ Setting = 'Option.StorageLowWater'; Text = '{ "Option": { "StorageMax": 33554432, "StorageHighWater": 50, "StorageLowWater": 50 } }' }
        @{ Setting = 'Option.MaxConnections'; Text = '{ "Option": { "MaxConnections": -1 } }' }
    ) {
        $path = New-Repository $Text
        $failure = Get-Failure { Start-BitswapNode -Path $path }
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidSettings,Bitswap.Commands.StartBitswapNodeCommand'
        $failure.Exception.Message | Should -Match ([regex]::Escape((Join-Path $path 'settings.json')))
        $failure.Exception.Message | Should -Match ([regex]::Escape("'$Setting'"))
        $failure.TargetObject | Should -Be (Join-Path $path 'settings.json')
        Get-BitswapNode | Should -BeNullOrEmpty
    }

    It 'is refused where it is no JSON: <Text>' -ForEach @{ Text = '{' }, @{ Text = '[]' }, @{ Text = '{ "Name": "a", "Name": "b" }' }, @{ Text = ' ' } {
        (Get-Failure { Start-BitswapNode -Path (New-Repository $Text) }).FullyQualifiedErrorId | Should -Be 'InvalidSettings,Bitswap.Commands.StartBitswapNodeCommand'
    }
}
