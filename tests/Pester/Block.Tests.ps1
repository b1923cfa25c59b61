BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $pair = New-NodePair
    $provider = $pair.Provider
    $client = $pair.Client
    $folder = New-TemporaryFolder
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Add-BitswapBlock' {
    It 'gives the CID that others give' {
        # sha2-256 of "hello", as `ipfs block put` names it
        $block = 'hello' | Add-BitswapBlock -Node $provider
        "$($block.Cid)" | Should -Be 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'
        $block.Size | Should -Be 5
        $block.Codec | Should -Be 'raw'
    }

    It 'takes piped bytes as one block' {
        $bytes = [byte[]](0..255)
        $piped = $bytes | Add-BitswapBlock -Node $provider
        @($piped).Count | Should -Be 1
        $piped.Size | Should -Be 256
        $piped.Cid | Should -Be (Add-BitswapBlock -InputObject $bytes -Node $provider).Cid
        $piped.Cid | Should -Be (, $bytes | Add-BitswapBlock -Node $provider).Cid
    }

    It 'keeps apart what is piped together' {
        $blocks = 'one', 'two', [byte]65, [byte]66, 'three' | Add-BitswapBlock -Node $provider
        $blocks.Size | Should -Be 3, 3, 2, 5
    }

    It 'takes streams, files, and nothing' {
        $file = Join-Path $folder 'a.txt'
        [IO.File]::WriteAllText($file, 'in a file')
        $expected = (Get-BitswapCid 'in a file').Cid
        (Get-Item $file | Add-BitswapBlock -Node $provider).Cid | Should -Be $expected
        (Add-BitswapBlock ([IO.MemoryStream]::new([Text.Encoding]::UTF8.GetBytes('in a file'))) -Node $provider).Cid | Should -Be $expected
        (Add-BitswapBlock -Path "$folder/*.txt" -Node $provider).Cid | Should -Be $expected
        (Add-BitswapBlock -LiteralPath $file -Node $provider).Cid | Should -Be $expected
        (Add-BitswapBlock '' -Node $provider).Size | Should -Be 0
    }

    It 'resolves paths as PowerShell does' {
        Push-Location $folder
        try {
            [IO.File]::WriteAllText((Join-Path $folder '[x].txt'), 'brackets')
            (Add-BitswapBlock -LiteralPath './[x].txt' -Node $provider).Size | Should -Be 8
            $null = New-PSDrive -Name blocks -PSProvider FileSystem -Root $folder
            (Add-BitswapBlock -LiteralPath 'blocks:/[x].txt' -Node $provider).Size | Should -Be 8
        }
        finally {
            Pop-Location
            Remove-PSDrive blocks -ErrorAction SilentlyContinue
            Remove-Item -LiteralPath (Join-Path $folder '[x].txt')
        }
    }

    It 'makes CIDs of version 0 and of other codecs and hashes' {
        "$(('x' | Add-BitswapBlock -Node $provider -CidVersion 0).Cid)" | Should -Match '^Qm'
        ('x' | Add-BitswapBlock -Node $provider -Codec dag-cbor).Codec | Should -Be 'dag-cbor'
        (('x' | Add-BitswapBlock -Node $provider -HashAlgorithm blake2b-256).Cid | Get-BitswapBlock -Node $client -AsString) | Should -Be 'x'
    }

    It 'does not share memory with the caller' {
        $bytes = [Text.Encoding]::UTF8.GetBytes('unchanged')
        $block = Add-BitswapBlock $bytes -Node $provider
        $bytes[0] = 0
        $got = Get-BitswapBlock $block.Cid -Node $provider -Raw
        $got[1] = 0
        Get-BitswapBlock $block.Cid -Node $provider -AsString | Should -Be 'unchanged'
    }

    It 'insists on a CID' {
        $cid = (Get-BitswapCid 'right').Cid
        ('right' | Add-BitswapBlock -Cid $cid -Node $provider).Cid | Should -Be $cid
        $failure = Get-Failure { 'wrong' | Add-BitswapBlock -Cid $cid -Node $provider -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidBlock,Bitswap.Commands.AddBitswapBlockCommand'
        $failure.CategoryInfo.Category | Should -Be 'InvalidData'
        $failure.TargetObject | Should -Be $cid
    }

    It 'refuses over 2 MiB, unless told' {
        $limit = [byte[]]::new(2MB)
        (Add-BitswapBlock $limit -Node $provider).Size | Should -Be 2MB
        $big = [byte[]]::new(2MB + 1)
        $failure = Get-Failure { Add-BitswapBlock $big -Node $provider -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockTooLarge,'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Add-BitswapFile'
        (Add-BitswapBlock $big -Node $provider -AllowBigBlock).Size | Should -Be (2MB + 1)
        (Get-Failure { Add-BitswapBlock ([byte[]]::new(4194287)) -Node $provider -AllowBigBlock -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockTooLarge,'
        [IO.File]::WriteAllBytes("$folder/big.bin", $big)
        (Get-Failure { Add-BitswapBlock -Path "$folder/big.bin" -Node $provider -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockTooLarge,'
    }

    It 'refuses <what>, and goes on' -ForEach @(
        @{ what = 'what is no data'; id = 'InvalidInput'; bad = { [datetime]::Now } }
        @{ what = 'a file that is not there'; id = 'PathNotFound'; bad = { [IO.FileInfo] '/no/such/file' } }
    ) {
        $errors = @()
        $blocks = (& $bad), 'good' | Add-BitswapBlock -Node $provider -ErrorAction SilentlyContinue -ErrorVariable errors
        $blocks.Size | Should -Be 4
        $errors.FullyQualifiedErrorId | Should -Be "$id,Bitswap.Commands.AddBitswapBlockCommand"
    }

    It 'refuses names that are not known' {
        (Get-Failure { 'x' | Add-BitswapBlock -Codec nonsense -Node $provider }).FullyQualifiedErrorId | Should -Match '^UnknownName,'
        (Get-Failure { 'x' | Add-BitswapBlock -HashAlgorithm md5 -Node $provider }).FullyQualifiedErrorId | Should -Match '^UnknownName,'
        (Get-Failure { 'x' | Add-BitswapBlock -CidVersion 0 -Codec raw -Node $provider }).FullyQualifiedErrorId | Should -Match '^UnsupportedCidVersion,'
    }
}

Describe 'Get-BitswapBlock' {
    It 'fetches from a peer, checks and stores' {
        $block = "fetched $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $got = $block | Get-BitswapBlock -Node $client
        $got.Cid | Should -Be $block.Cid
        $got.From | Should -Be $provider.PeerId
        $got.AsString() | Should -Match '^fetched'
        Test-BitswapBlock $block -Node $client | Should -BeTrue
    }

    It 'moves many, each once' {
        $blocks = 1..1500 | ForEach-Object { "block $_ of $([guid]::NewGuid())" } | Add-BitswapBlock -Node $provider
        $got = $blocks.Cid | Get-BitswapBlock -Node $client -ThrottleLimit 200
        $got.Count | Should -Be 1500
        @($got.Cid | Sort-Object -Unique).Count | Should -Be 1500
    }

    It 'moves 2 MiB unharmed' {
        $data = [byte[]]::new(2MB)
        [Random]::new(7).NextBytes($data)
        $block = Add-BitswapBlock $data -Node $provider
        $got = Get-BitswapBlock $block.Cid -Node $client -Raw
        , $got | Should -BeOfType byte[]
        [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($got)) | Should -Be ([Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($data)))
    }

    It 'takes every form of a CID' {
        $block = 'every form' | Add-BitswapBlock -Node $provider
        $text = "$($block.Cid)"
        foreach ($form in $text, "/ipfs/$text", "ipfs://$text", $block.Cid, $block, [pscustomobject]@{ Cid = $text }, ([Bitswap.Cid] $text), ([Bitswap.Cid] $text).ToString('Base58Btc')) {
            $form | Get-BitswapBlock -Node $client -AsString | Should -Be 'every form'
        }
    }

    It 'goes on after a bad CID' {
        $good = 'good' | Add-BitswapBlock -Node $provider
        $errors = @()
        $got = 'nonsense', "$($good.Cid)" | Get-BitswapBlock -Node $client -AsString -ErrorAction SilentlyContinue -ErrorVariable errors
        $got | Should -Be 'good'
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidCid,Bitswap.Commands.GetBitswapBlockCommand'
        $errors[0].TargetObject | Should -Be 'nonsense'
    }

    It 'ends as soon as everyone has said no, and tells who was asked' {
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $failure = Get-Failure { New-UnknownCid | Get-BitswapBlock -Node $client -ErrorAction Stop }
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 10
        $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        $failure.Exception.Answers.PeerId | Should -Contain $provider.PeerId
        $failure.Exception.Message | Should -Match "$($provider.PeerId)"
    }

    It 'gets from a peer that was cut off in the middle' {
        $network = New-BitswapTestNetwork
        $far = Start-BitswapNode -Network $network
        $near = Start-BitswapNode -Network $network
        $blocks = 1..64 | ForEach-Object { [byte[]]::new(20000 + $_) | Add-BitswapBlock -Node $far }
        $network.BytesPerSecond = 1MB
        $null = Connect-BitswapPeer $far -Node $near
        $window = New-ModuleRunspace
        $null = $window.AddScript('param($cids, $node) $cids | Get-BitswapBlock -Node $node').AddArgument($blocks.Cid).AddArgument($near)
        $running = $window.BeginInvoke()
        Wait-Until { (Get-BitswapStat -Node $near).BlocksReceived -gt 5 }
        $network.Partition($far)
        $network.Heal()

        $window.EndInvoke($running).Count | Should -Be 64
        $window.Streams.Error | Should -BeNullOrEmpty
        (Get-BitswapStat -Node $near).Redials | Should -BeGreaterThan 0
        $window.Runspace.Dispose()
        $window.Dispose()
        $far, $near | Stop-BitswapNode
    }

    It 'keeps a peer that sends what was asked for and withdrawn' {
        $few = Start-BitswapNode -Option @{ MaxUnwantedBytes = 1MB }
        $null = Connect-BitswapPeer $provider -Node $few
        $data = [byte[]]::new(256KB)
        $blocks = 1..60 | ForEach-Object { $data[0] = $_; Add-BitswapBlock $data -Node $provider }
        foreach ($i in 0..9) {
            $blocks[$i..59] | Get-BitswapBlock -Node $few | Select-Object -First 1 | ForEach-Object Size | Should -Be 256KB
        }
        (Get-BitswapPeer -Node $few).PeerId | Should -Be $provider.PeerId
        Stop-BitswapNode $few
    }

    It 'tells of a peer without a common version of Bitswap' {
        $old = Start-BitswapNode -ProtocolVersion 1.0.0
        $new = Start-BitswapNode -ProtocolVersion 1.2.0
        $null = Connect-BitswapPeer $old -Node $new
        foreach ($failure in (Get-Failure { New-UnknownCid | Get-BitswapBlock -Node $new -ErrorAction Stop }), (Get-Failure { New-UnknownCid | Get-BitswapBlock -Peer $old -Node $new -ErrorAction Stop })) {
            $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
            $failure.Exception.Message | Should -Match "$($old.PeerId) not asked, it speaks no common Bitswap version"
        }
        $old, $new | Stop-BitswapNode
    }

    It 'says at once that there is nobody to ask' {
        $lonely = Start-BitswapNode
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $unknown = New-UnknownCid
        $failure = Get-Failure { Get-BitswapBlock $unknown -Node $lonely -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        "$failure" | Should -Be "The block $unknown is not here. No peer could be asked."
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 5
        Stop-BitswapNode $lonely
    }

    It '-Peer asks that one alone' {
        $third = Start-BitswapNode
        $null = Connect-BitswapPeer $third -Node $client
        $block = "of the third $([guid]::NewGuid())" | Add-BitswapBlock -Node $third
        (Get-Failure { Get-BitswapBlock $block.Cid -Node $client -Peer $provider -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        (Get-BitswapBlock $block.Cid -Node $client -Peer $third).From | Should -Be $third.PeerId
        Stop-BitswapNode $third
    }

    It '-Peer dials an address, and refuses a stranger without one' {
        $third = Start-BitswapNode
        $block = "dialled $([guid]::NewGuid())" | Add-BitswapBlock -Node $third
        $lonely = Start-BitswapNode
        (Get-Failure { Get-BitswapBlock $block.Cid -Node $lonely -Peer $third.PeerId }).FullyQualifiedErrorId | Should -Match '^NoPeerAddress,'
        Get-BitswapBlock $block.Cid -Node $lonely -Peer $third.Addresses[0] -AsString | Should -Match '^dialled'
        $third, $lonely | Stop-BitswapNode
    }

    It '-OutFile writes to a device or a pipe, and leaves it what it is' -Skip:(-not $IsLinux) {
        $block = 'through' | Add-BitswapBlock -Node $provider
        $pipe = Join-Path $folder 'pipe'
        mkfifo $pipe
        $null = $block | Get-BitswapBlock -Node $client -OutFile /dev/null
        $read = Start-ThreadJob { [IO.File]::ReadAllText($using:pipe) }
        $null = $block | Get-BitswapBlock -Node $client -OutFile $pipe
        $read | Receive-Job -Wait -AutoRemoveJob | Should -Be 'through'
        stat -c %F /dev/null $pipe | Should -Be 'character special file', 'fifo'
        Remove-Item -LiteralPath $pipe
    }

    It '-OutFile takes a name of 250 bytes' {
        $long = Join-Path $folder ('n' * 250)
        $null = 'long' | Add-BitswapBlock -Node $provider | Get-BitswapBlock -Node $client -OutFile $long
        [IO.File]::ReadAllText($long) | Should -Be 'long'
        Remove-Item -LiteralPath $long
    }

    It '-OutFile writes a file, or a file for each block into a folder' {
        $one = "to a file $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $two = "another $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $target = Join-Path $folder 'out.bin'
        [IO.File]::WriteAllText($target, 'old')
        $one | Get-BitswapBlock -Node $client -OutFile $target | Should -BeNullOrEmpty
        [IO.File]::ReadAllText($target) | Should -Match '^to a file'
        $inner = (New-Item -ItemType Directory -Path (Join-Path $folder 'many')).FullName
        $one, $two | Get-BitswapBlock -Node $client -OutFile $inner
        (Get-ChildItem $inner -Force).Name | Sort-Object | Should -Be ("$($one.Cid)", "$($two.Cid)" | Sort-Object)
        (Get-Failure { $one, $two | Get-BitswapBlock -Node $client -OutFile $target -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^OutFileTaken,'
        (Get-Failure { $one | Get-BitswapBlock -Node $client -OutFile "$folder/no/such/place" -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^OutFileFailed,'
        Get-ChildItem $folder -Recurse -Force -Filter '*.part' | Should -BeNullOrEmpty
    }

    It '-Local asks nobody, and lists' {
        $block = "not here $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        (Get-Failure { $block.Cid | Get-BitswapBlock -Local -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockNotFound,'
        $listed = Get-BitswapBlock -Local -Node $provider
        $listed.Cid | Should -Contain $block.Cid
        $listed[0].Data | Should -BeNullOrEmpty
    }

    It 'wants a CID or -Local' {
        (Get-Failure { Get-BitswapBlock -Node $client }).FullyQualifiedErrorId | Should -Match '^CidRequired,'
    }

    It 'tells the story with -Verbose' {
        $block = "verbose $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $story = Get-BitswapBlock $block.Cid -Node $client -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        "$story" | Should -Match "$($block.Cid).*$($provider.PeerId)"
    }
}

Describe 'Test-BitswapBlock' {
    It 'tells whether it is here, and whether a peer has it, without moving it' {
        $block = "asked for $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        Test-BitswapBlock $block.Cid -Node $provider | Should -BeTrue
        Test-BitswapBlock $block.Cid -Node $client | Should -BeFalse
        Test-BitswapBlock $block.Cid -Node $client -Peer $provider | Should -BeTrue
        Test-BitswapBlock $block.Cid -Node $client | Should -BeFalse
        New-UnknownCid | Test-BitswapBlock -Node $client -Peer $provider | Should -BeFalse
    }

    It '-Detailed says what each said' {
        $block = "in detail $([guid]::NewGuid())" | Add-BitswapBlock -Node $provider
        $status = Test-BitswapBlock $block.Cid -Node $client -Peer $provider -Detailed
        $status.Available | Should -BeTrue
        $status.Answer | Should -Be 'Have'
        $status.PeerId | Should -Be $provider.PeerId
        (New-UnknownCid | Test-BitswapBlock -Node $client -Peer $provider -Detailed).Answer | Should -Be 'DontHave'
        (Test-BitswapBlock $block.Cid -Node $provider -Detailed).Size | Should -Be $block.Size
    }

    It 'asks a peer for what the node has itself, too' {
        $own = Add-BitswapBlock "of the asker alone $([guid]::NewGuid())" -Node $client
        $status = Test-BitswapBlock $own.Cid -Node $client -Peer $provider -Detailed -WarningVariable told
        $status.Available | Should -BeFalse
        $status.Answer | Should -Be 'DontHave'
        $told | Should -BeNullOrEmpty
        $null = Get-BitswapBlock $own.Cid -Local -Node $client -Raw | Add-BitswapBlock -Node $provider
        (Test-BitswapBlock $own.Cid -Node $client -Peer $provider -Detailed).Answer | Should -Be 'Have'
    }

    It 'asks nobody for a block that the CID itself holds, and says so' {
        $status = Test-BitswapBlock bafkqabtimvwgy3yk -Node $client -Peer $provider -Detailed -WarningVariable told -WarningAction SilentlyContinue
        $status.Answer | Should -Be 'NotAsked'
        $status.Available | Should -BeTrue
        "$told" | Should -BeLike '*bafkqabtimvwgy3yk*'
    }

    It 'has what follows from the CID alone: <_>' -ForEach 'bafkqac3imvwgy3zao5xxe3de', 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku', 'bafkqaaa' {
        $size = if ($_ -eq 'bafkqac3imvwgy3zao5xxe3de') { 11 } else { 0 }
        Test-BitswapBlock $_ -Node $client | Should -BeTrue
        $status = Test-BitswapBlock $_ -Node $client -Detailed
        $status.Answer, $status.Size | Should -Be 'Known', $size
        (Get-BitswapBlock $_ -Local -Node $client).Size | Should -Be $size
        (Get-BitswapBlock $_ -Node $client -TimeoutSeconds 5).Size | Should -Be $size
        $want = Start-BitswapWant $_ -Node $client | Wait-BitswapWant -TimeoutSeconds 5
        $want.State | Should -Be 'Received'
        (Get-BitswapContent $_ -Raw -Node $client).Count | Should -Be $size
        Test-BitswapDag $_ -Quiet -Node $client | Should -BeTrue
        (Add-BitswapPin $_ -Node $client).Cid | Should -Be $_
        Remove-BitswapPin $_ -Node $client
        Get-BitswapBlock -Local -Node $client | Where-Object Cid -EQ $_ | Should -BeNullOrEmpty
        (Get-Failure { Remove-BitswapBlock $_ -Node $client -ErrorAction Stop }).ErrorDetails.Message | Should -Match 'follows from the CID'
    }

    It 'keeps the order' {
        $known = 'order' | Add-BitswapBlock -Node $provider
        "$($known.Cid)", "$(New-UnknownCid)", "$($known.Cid)" | Test-BitswapBlock -Node $provider | Should -Be $true, $false, $true
    }
}

Describe 'Remove-BitswapBlock' {
    It 'removes what it is told, not with -WhatIf' {
        $block = 'to be removed' | Add-BitswapBlock -Node $client
        $block | Remove-BitswapBlock -Node $client -WhatIf
        Test-BitswapBlock $block -Node $client | Should -BeTrue
        $block | Remove-BitswapBlock -Node $client
        Test-BitswapBlock $block -Node $client | Should -BeFalse
        (Get-Failure { $block | Remove-BitswapBlock -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockNotFound,'
    }
}

Describe 'Tab' {
    It 'completes <parameter>' -ForEach @(
        @{ line = 'Add-BitswapBlock -Codec dag-c'; expected = 'dag-cbor' }
        @{ line = 'Add-BitswapBlock -HashAlgorithm sha2-2'; expected = 'sha2-256' }
        @{ line = 'Get-BitswapCid -Base base58f'; expected = 'base58flickr' }
        @{ line = 'Start-BitswapNode -ProtocolVersion 1.1'; expected = '1.1.0' }
    ) {
        (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Contain $expected
    }

    It 'completes stored CIDs' {
        $block = 'complete me' | Add-BitswapBlock -Node $provider
        $line = "Get-BitswapBlock -Node $($provider.Name) -Cid $("$($block.Cid)".Substring(0, 20))"
        (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Contain "$($block.Cid)"
    }

    It 'completes nothing, and fails at nothing, when the node is unknown' {
        $line = 'Get-BitswapBlock -Node nobody -Cid b'
        $Error.Clear()
        { TabExpansion2 $line -cursorColumn $line.Length } | Should -Not -Throw
    }
}
